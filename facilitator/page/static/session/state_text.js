// @ts-check
// What the screen of a session says about one moment. Pure: the same state, the same words; nothing is shown here.

import { left, length } from "../shared/dom.js";
import { label, listed, percent } from "../shared/labels.js";

/** @typedef {import("../shared/messages.js").Session} Session */

/** Whether somebody is asked something: not in talk and turns, where answers are offered beside the talk.
 * @param {Session} state */
export function isAsked(state) {
  return state.choices.length > 0 && state.stage_kind !== "talk" && state.stage_kind !== "turns";
}

/** Whose name is large, and what about it.
 * @param {Session} state
 * @returns {[name: string, has: string]} */
export function floorText(state) {
  const [name, has] = whose(state);
  if (!state.next || state.ended) return [name, has];
  return [name, `${has}${has ? " · " : ""}${label("floor.next", { name: state.next })}`];
}

/** @param {Session} state
 * @returns {[name: string, has: string]} */
function whose(state) {
  if (state.paused) return [label("floor.paused"), label("floor.stands_still")];
  if (state.floor) return [state.floor, label(isAsked(state) ? "floor.asked" : state.stage_kind === "opening" ? "floor.introduce" : "floor.has")];
  // What is asked stands below it, and would seem to be theirs.
  if (state.speaking.length && !state.own_voice && !state.choices.length) return [listed(state.speaking), ""];
  return ["", ""];
}

/** The large figure and the words below it. `timed`: it is a time. `over`: it has run out. `learning`: it is how much
 *  of a voice is learned.
 * @param {Session} state
 * @returns {{ figure: string, words: string, timed: boolean, over: boolean, learning: boolean }} */
export function timeText(state) {
  const still = { figure: "", words: "", timed: false, over: false, learning: false };
  if (state.paused) return still;
  if (state.stage_kind === "opening" && !isAsked(state)) {
    const asked = state.people.find((person) => person.state === "asked");
    return asked ? { ...still, figure: percent(asked.enrolled), words: label("time.learned"), learning: true } : still;
  }
  if (isAsked(state) || (state.floor === null && state.left_s === null)) return still;
  if (state.left_s === null) return { ...still, figure: length(state.used_s), words: label("time.so_far"), timed: true };
  const over = state.left_s <= 0;
  const words = label(over ? "time.up" : "time.left");
  return { figure: left(state.left_s), words, timed: true, over, learning: false };
}

/** Who is heard at this moment.
 * @param {Session} state */
export function nowText(state) {
  const speaking = [...state.speaking, ...(state.guest ? [label("now.guest")] : [])];
  if (state.ended) return "";
  if (state.own_voice) return label("now.own_voice");
  if (speaking.length) return label(speaking.length > 1 ? "now.several" : "now.one", { names: listed(speaking) });
  if (state.someone) return label("now.somebody");
  return state.listening && !state.away ? label("now.nobody") : "";
}

/** Whether somebody is heard who is not the program.
 * @param {Session} state */
export function isHeard(state) {
  return !state.own_voice && (state.speaking.length > 0 || state.guest || state.someone);
}

/** @param {Session} state */
export function markText(state) {
  const mark = state.marks.at(-1);
  return mark ? label("now.cut_in", { by: mark.by, over: mark.over }) : "";
}

/** @param {Session} state */
export function roundText(state) {
  return state.round ? label(state.rounds ? "round_of" : "round", { number: state.round, of: state.rounds }) : "";
}

/** For those who listen to the page instead of looking at it: whose turn it is, and what was said.
 * @param {Session} state */
export function readOut(state) {
  const whoseTurn = state.floor ? `${state.floor} ${floorText(state)[1]}` : state.paused ? label("floor.paused") : "";
  return [whoseTurn, state.own_voice ? "" : state.said].filter(Boolean).join(". ");
}

/** What is asked at this moment, so that a slider keeps where it stands when its own question is said.
 * @param {Session} state */
export function questionOf(state) {
  return state.choices.length ? `${state.floor ?? ""}/${state.slider ? "" : state.said}/${state.choices.length}` : "";
}
