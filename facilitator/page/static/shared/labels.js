// What is said during a session, in its language. The program tells it before anything else of the session.

let told = {};

export function learn(labels) {
  told = labels;
}

/** label("floor.next", {name: "Ana"}) */
export function label(key, slots = {}) {
  return (told[key] ?? key).replace(/\{(\w+)\}/g, (_, slot) => slots[slot] ?? "");
}
