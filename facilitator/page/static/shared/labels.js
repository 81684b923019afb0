// @ts-check
// What is said during a session, in its language. The program tells it before anything else of the session.

/** @type {Record<string, string>} */
let told = {};

/** @param {Record<string, string>} labels */
export function learn(labels) {
  told = labels;
}

/** label("floor.next", {name: "Ana"})
 * @param {string} key
 * @param {Record<string, string | number | null>} [slots] */
export function label(key, slots = {}) {
  return (told[key] ?? key).replace(/\{(\w+)\}/g, (_, slot) => String(slots[slot] ?? ""));
}
