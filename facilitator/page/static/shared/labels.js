// @ts-check
// What is said during a session, in its language. The program tells it before anything else of the session.

/** @typedef {string | Record<string, string>} Told a text, or one for each plural form */

/** Until the program has told them, only what is said where it cannot be reached.
 * @type {Record<string, Told>} */
let told = {
  "page.facilitator": "Facilitator",
  "page.full": "Twelve devices are looking already. As soon as one leaves, this one comes in.",
  "page.lost": "The connection to the program is lost. Trying again…",
  "page.no_answer": "The program does not answer; what you see is from before. If it has stopped, start it again in the terminal.",
};
let language = "en";
let forms = new Intl.PluralRules(language);
/** @typedef {{ word: string, before: readonly string[], but_not: readonly string[] }} AndSound */
/** Where "and" is another word before some sounds: Juan e Inés.
 * @type {AndSound | null} */
let sound = null;

/** @param {{ language: string, messages: Record<string, Told>, and_sound?: AndSound | null }} labels */
export function learn(labels) {
  told = labels.messages;
  sound = labels.and_sound ?? null;
  if (labels.language === language) return;
  language = labels.language;
  forms = new Intl.PluralRules(language);
}

/** Its code. */
export const spoken = () => language;

/** label("floor.next", {name: "Ana"})
 * @param {string} key
 * @param {Record<string, string | number | null>} [slots] */
export function label(key, slots = {}) {
  const text = told[key];
  return filled(typeof text === "string" ? text : key, slots);
}

/** The text for so many; {number} in it is how many.
 * @param {string} key
 * @param {number} number
 * @param {Record<string, string | number | null>} [slots] */
export function counted(key, number, slots = {}) {
  const all = told[key];
  const text = typeof all === "object" ? (all[String(number)] ?? all[forms.select(number)] ?? all.other) : key;
  return filled(text, { number, ...slots });
}

/** 0.39: 39 %
 * @param {number} part */
export const percent = (part) => label("percent", { number: Math.round(100 * part) });

/** "Ana, Ben and Carla"; where "and" is a particle that goes by the sound before it, with commas alone.
 * @param {readonly string[]} names */
export function listed(names) {
  if (label("and").includes("/")) return names.join(", ");
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${and(names.at(-1) ?? "")} ${names.at(-1)}`;
}

/** @param {string} next */
function and(next) {
  const begins = next.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const changes = sound?.before.some((one) => begins.startsWith(one)) && !sound.but_not.some((one) => begins.startsWith(one));
  return sound && changes ? sound.word : label("and");
}

/** @param {string} text
 * @param {Record<string, string | number | null>} slots */
function filled(text, slots) {
  return text.replace(/\{(\w+)\}/g, (_, slot) => String(slots[slot] ?? ""));
}
