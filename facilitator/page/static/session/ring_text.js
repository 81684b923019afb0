// @ts-check
// What a person's ring shows: how far it is filled, and the words below. Pure.

import { label } from "../shared/labels.js";

/** @typedef {import("../shared/messages.js").Session} Session */
/** @typedef {import("../shared/messages.js").Seat} Seat */

export const RADIUS = 42;
const AROUND = 2 * Math.PI * RADIUS;

/** From 0 to 1: in the opening circle how much of the voice is learned, then the airtime as far as it is to be seen.
 * @param {Seat} person
 * @param {boolean} opening */
export function filledPart(person, opening) {
  if (!opening) return person.ring?.filled ?? 0;
  return person.state === "known" ? 1 : person.enrolled;
}

/** The dashes of a circle that is filled so far.
 * @param {number} filled */
export function dashes(filled) {
  return `${(filled * AROUND).toFixed(1)} ${AROUND.toFixed(1)}`;
}

/** @param {Seat} person
 * @param {Session} state */
export function ringWords(person, state) {
  const words = state.stage_kind === "opening" ? [label(`person.${person.state}`)] : [declined(person, state), doing(person, state)];
  if (person.hand) words.push(label("person.hand"));
  if (person.ring?.words && state.stage_kind !== "opening") {
    words.push(label(`person.${person.ring.words}`, { percent: Math.round(100 * person.ring.filled) }));
  }
  return words.filter(Boolean).join("\u00a0· ").replace(/(\d) %/g, "$1\u00a0%"); // there is little room, and lines break
}

/** @param {Seat} person
 * @param {Session} state */
function declined(person, state) {
  if (person.state === "away") return label("person.away");
  return person.state === "declined" && state.listening ? label("person.declined") : "";
}

/** @param {Seat} person
 * @param {Session} state */
function doing(person, state) {
  if (person.speaking && !state.own_voice) return label("person.speaking");
  if (person.floor) return label(state.stage_kind === "rate" ? "floor.asked" : "floor.has");
  return "";
}
