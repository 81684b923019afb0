// @ts-check
// What is on the screen of a session, before anything is known of it.

import { h, put } from "../shared/dom.js";
import { label, percent } from "../shared/labels.js";

import { TableMap } from "./table_map.js";

/** @typedef {ReturnType<typeof layout>} Layout */

/** @param {{ mode: () => void, full: () => void, view: () => void, more: () => void, answer: (value: number) => void, share: HTMLElement, help: HTMLElement }} acts
 * @param {HTMLElement} tour */
export function layout(acts, tour) {
  const top = header(acts);
  const who = h("h1", { class: "who" });
  const has = h("p", { class: "has soft" });
  const time = h("p", { class: "time", role: "timer" });
  const timeWords = h("p", { class: "time-words soft" });
  const map = new TableMap();
  const hero = h("section", { class: "hero" }, h("div", { class: "names" }, who, has), h("div", { class: "figures" }, time, timeWords), map.element);
  const now = h("p", { class: "now" });
  const mark = h("p", { class: "mark soft", role: "status" });
  const moment = h("div", { class: "moment" }, now, mark);
  const rings = h("ul", { class: "rings", "aria-label": label("everyone") });
  const said = h("p", { class: "said", role: "note", "aria-label": label("said_last") });
  const queue = h("p", { class: "queue soft", hidden: true });
  const words = h("div", { class: "words" }, said, queue);
  const slide = slider(acts.answer);
  const choices = h("div", { class: "choices", role: "group", "aria-label": label("answers") });
  const asked = h("section", { class: "asked", hidden: true }, slide.form, choices);
  const told = h("article", { class: "summary", hidden: true });
  const first = h("div", { class: "buttons first" });
  const second = h("div", { class: "buttons second", id: "further" });
  const more = h("button", { type: "button", class: "more", "aria-controls": "further", "aria-keyshortcuts": ".", onclick: acts.more });
  const footer = h("footer", {}, h("div", { class: "at-hand" }, first, more), second);
  const root = h("div", { class: "session" }, top.element, tour, hero, moment, words, asked, rings, told, footer);
  return { root, footer, more, top, hero, map, who, has, time, timeWords, moment, now, mark, rings, words, said, queue, asked, slide, choices, told, first, second };
}

/** @param {{ mode: () => void, full: () => void, view: () => void, share: HTMLElement, help: HTMLElement }} acts */
function header(acts) {
  const stage = h("span", { class: "stage" });
  const round = h("span", { class: "soft" });
  const badge = h("span", { class: "badge", hidden: true });
  const quiet = h("span", { class: "badge", hidden: true }, label("quiet_badge"));
  const uncounted = h("span", { class: "badge", hidden: true }, label("not_counted_badge"));
  const unheard = h("span", { class: "badge", hidden: true }, label("unheard"));
  const clock = h("span", { class: "clock soft", role: "timer", "aria-label": label("clock") });
  const mode = h("button", { type: "button", class: "small plain", onclick: acts.mode });
  const view = h("button", { type: "button", class: "small plain", onclick: acts.view });
  const viewed = h("span", { class: "view" }, view);
  const full = h("button", { type: "button", class: "small plain full", onclick: acts.full });
  const element = h("header", {}, stage, round, clock, badge, uncounted, quiet, unheard, h("span", { class: "gap" }), mode, viewed, acts.help, acts.share, full);
  return { element, stage, round, badge, uncounted, quiet, unheard, clock, mode, view, full };
}

/** A share in percent. It begins empty, so that nothing suggests a guess: `begin` empties it, `set` puts it somewhere,
 * `value` is where it stands; null: nowhere yet.
 * @param {(value: number) => void} answer */
function slider(answer) {
  let chosen = false;
  const range = h("input", { type: "range", id: "guess", oninput: () => choose(), onpointerup: () => choose() });
  const out = h("output", { for: "guess", class: "guess-figure" });
  const question = h("label", { for: "guess", class: "soft" });
  const done = h("button", { type: "submit", class: "main" }, `${label("guess.done")} `, h("kbd", {}, "Enter"));
  const show = () => {
    const figure = chosen ? percent(Number(range.value) / 100) : label("guess.empty");
    put(out, chosen ? figure : "–");
    range.setAttribute("aria-valuetext", figure);
    form.classList.toggle("empty", !chosen);
    done.disabled = !chosen;
  };
  const choose = () => {
    chosen = true;
    show();
  };
  const value = () => (chosen ? Number(range.value) : null);
  /** @param {number} to */
  const set = (to) => {
    range.value = String(to);
    choose();
  };
  /** @param {{ least: number, most: number, step: number }} slider */
  const begin = ({ least, most, step }) => {
    Object.assign(range, { min: least, max: most, step, value: least });
    chosen = false;
    show();
  };
  const answered = () => {
    const at = value();
    if (at !== null) answer(at);
  };
  /** @param {number} by */
  const step = (by) => () => set(Number(range.value) + by * Number(range.step));
  range.addEventListener("keydown", (event) => {
    if (["ArrowLeft", "ArrowDown", "Home", "PageDown"].includes(event.key)) choose(); // it stands at the least already
  });
  const form = h(
    "form",
    { class: "slider", hidden: true, onsubmit: (event) => { event.preventDefault(); answered(); } },
    question,
    out,
    h("div", { class: "row" },
      h("button", { type: "button", class: "plain", "aria-label": label("guess.less"), onclick: step(-1) }, "−"),
      range,
      h("button", { type: "button", class: "plain", "aria-label": label("guess.more"), onclick: step(1) }, "+"),
    ),
    done,
  );
  return { form, question, range, begin, set, answered };
}
