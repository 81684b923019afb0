// @ts-check
// A moment of a session, as the program tells it; tests change what they are about.

/** @typedef {import("../../../facilitator/page/static/shared/messages.js").Session} Session */
/** @typedef {import("../../../facilitator/page/static/shared/messages.js").Seat} Seat */

/** @param {Partial<Seat>} [changes]
 * @returns {Seat} */
export function seat(changes = {}) {
  return { name: "Ana", state: "known", enrolled: 1, ring: null, speaking: false, floor: false, hand: false, ...changes };
}

/** @param {Partial<Session>} [changes]
 * @returns {Session} */
export function session(changes = {}) {
  return {
    at_s: 65, stage: "Turns", stage_kind: "turns", round: 1, rounds: 2, floor: "Ana", used_s: 5, left_s: 175, next: "Ben",
    speaking: [], guest: false, someone: false, own_voice: false, people: [seat({ floor: true }), seat({ name: "Ben" })],
    said: "Ana, you have the floor.", language: "en", not_counted: false, paused: false, quiet: false, listening: true,
    buttons: [{ command: "next", key: "space" }, { command: "pause", key: "p" }], hands: true, choices: [], slider: null,
    last: null, queue: [], marks: [],
    ties: null, airtime: "hints", away: false, trouble: null, ended: false, ...changes,
  };
}
