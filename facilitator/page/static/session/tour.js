// @ts-check
// The demonstration explains itself, without a sound: one card at a time, on what happens at this moment.

import { h, put, say, shown } from "../shared/dom.js";

/** @typedef {import("../shared/messages.js").Session} Session */
/** @typedef {Record<string, string>} Words */

const LEAST_MS = 7000; // so long one can be read

/** What there is to explain now; the one that is about the least usual goes first.
 * @param {Session} state
 * @param {ReadonlySet<string>} seen what was explained already
 * @returns {string | null} */
export function stepOf(state, seen) {
  const asked = state.choices.length > 0;
  /** @type {[string, boolean][]} */
  const steps = [
    ["end", state.ended],
    ["guess", state.slider !== null],
    ["closing", state.stage_kind === "closing"],
    ["cut_in", state.marks.length > 0 && state.stage_kind === "turns"],
    ["agreement", asked && state.stage_kind === "talk"],
    ["invite", state.stage_kind === "talk" && state.own_voice && seen.has("talk") && Boolean(state.said)],
    ["talk", state.stage_kind === "talk" && !state.own_voice],
    ["floor", state.stage_kind === "turns"],
    ["consent", asked && state.stage_kind === "opening"],
    ["voice", state.stage_kind === "opening"],
  ];
  return steps.find(([step, now]) => now && !seen.has(step))?.[0] ?? null;
}

export class Tour {
  constructor() {
    /** @type {Words | null} */
    this.words = null;
    this.seen = new Set();
    this.since = -LEAST_MS; // the first card comes at once
    this.text = h("p", { class: "tour-text" });
    this.skip = h("button", { type: "button", class: "plain small", onclick: () => this.end() });
    this.element = h("aside", { class: "tour card", hidden: true }, this.text, this.skip);
    this.key = (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) this.end();
    };
  }

  /** In every language there is; the first of this browser's that fits.
   * @param {Record<string, Words>} told */
  begin(told) {
    if (this.words) return;
    const code = navigator.languages.map((one) => one.slice(0, 2).toLowerCase()).find((one) => told[one]) ?? "en";
    this.words = told[code] ?? null;
    this.element.lang = code;
    if (!this.words) return;
    this.element.setAttribute("aria-label", this.words.title ?? "");
    this.skip.replaceChildren(`${this.words.skip} `, h("kbd", {}, "Esc"));
    document.addEventListener("keydown", this.key);
  }

  /** @param {Session} state */
  tell(state) {
    if (!this.words) return;
    const step = stepOf(state, this.seen);
    const now = performance.now();
    if (!step || (now - this.since < LEAST_MS && step !== "end")) return;
    this.since = now;
    this.seen.add(step);
    const words = this.words[step] ?? "";
    put(this.text, words);
    shown(this.element, true);
    shown(this.skip, step !== "end");
    say(words);
  }

  end() {
    this.words = null;
    shown(this.element, false);
    document.removeEventListener("keydown", this.key);
  }
}
