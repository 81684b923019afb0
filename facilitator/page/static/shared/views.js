// @ts-check
// How it is to be seen: as usual, as one calm colour for across the room, in large letters, or with the strongest contrast.

import { h } from "./dom.js";
import { label } from "./labels.js";

export const VIEWS = ["usual", "calm", "large", "contrast"];
const KEPT = "view";

/** As this browser was left.
 * @returns {string} */
export function viewNow() {
  try {
    const kept = localStorage.getItem(KEPT);
    return VIEWS.find((view) => view === kept && view !== "calm") ?? "usual"; // which nobody should find an empty page by
  } catch {
    return document.body.dataset.view ?? "usual"; // nothing may be kept here
  }
}

/** @param {string} view
 * @param {HTMLElement} button which says so */
export function see(view, button) {
  document.body.dataset.view = view;
  button.replaceChildren(`${label(`view.${view}`)} `, h("kbd", {}, "x"));
  try {
    localStorage.setItem(KEPT, view);
  } catch {
    // then for this time only
  }
}

/** On to the next one.
 * @param {HTMLElement} button */
export function turnView(button) {
  see(VIEWS[(VIEWS.indexOf(document.body.dataset.view ?? "usual") + 1) % VIEWS.length], button);
}

/** The colour of a moment, of which nobody reads anything about anybody: there is time, it is nearly over, it is over, it stands
 * still.
 * @param {import("./messages.js").Session} state
 * @returns {"talk" | "soon" | "over" | "still"} */
export function moodOf(state) {
  if (state.paused || state.ended) return "still";
  if (state.floor === null || state.left_s === null) return "talk";
  if (state.left_s <= 0) return "over";
  return state.left_s <= 60 ? "soon" : "talk";
}
