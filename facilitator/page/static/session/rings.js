// @ts-check
// One ring a person: how much of the voice is learned, then the airtime as far as it is to be seen; who speaks, who has the floor.

import { calm, h, inside, put, s, shown } from "../shared/dom.js";
import { isolated } from "../shared/isolated.js";
import { label } from "../shared/labels.js";
import { dashes, filledPart, RADIUS, ringWords } from "./ring_text.js";

/** @typedef {import("../shared/messages.js").Session} Session */
/** @typedef {import("../shared/messages.js").Seat} Seat */

/** @param {Seat} person
 * @param {(name: string) => void} raise */
export function ring(person, raise) {
  const initials = [...person.name].slice(0, 2).join("");
  return h(
    "li",
    { class: "person" },
    h(
      "div",
      { class: "disc" },
      s(
        "svg",
        { viewBox: "0 0 100 100", "aria-hidden": "true" },
        s("circle", { class: "halo", cx: 50, cy: 50, r: 48 }),
        s("circle", { class: "track", cx: 50, cy: 50, r: RADIUS }),
        s("circle", { class: "fill", cx: 50, cy: 50, r: RADIUS, transform: "rotate(-90 50 50)" }),
        s("circle", { class: "core", cx: 50, cy: 50, r: 33 }),
        s("text", { x: 50, y: 51, class: "initials" }, initials),
        s("path", { class: "cut", d: "M 88 4 l 8 8 l -8 8 l -8 -8 z" }),
      ),
    ),
    h("bdi", { class: "name" }, person.name),
    h("span", { class: "state soft" }),
    h("button", { type: "button", class: "hand small plain", hidden: true, onclick: (event) => { calm(event); raise(person.name); } }),
  );
}

/** `hands`: they can be raised here.
 * @param {HTMLElement} element
 * @param {Seat} person
 * @param {Session} state
 * @param {boolean} hands */
export function changeRing(element, person, state, hands) {
  const filled = filledPart(person, state.stage_kind === "opening");
  const fill = inside(element, ".fill");
  const dash = dashes(filled);
  if (fill.getAttribute("stroke-dasharray") !== dash) fill.setAttribute("stroke-dasharray", dash);
  fill.classList.toggle("none", filled === 0);
  element.classList.toggle("speaking", person.speaking && !state.own_voice);
  element.classList.toggle("floor", person.floor);
  element.classList.toggle("declined", person.state === "declined" && state.listening);
  element.classList.toggle("cut-in", state.marks.some((mark) => mark.over === person.name));
  put(inside(element, ".state"), ringWords(person, state));
  changeHand(inside(element, ".hand"), person, state.people.indexOf(person) + 1, hands);
}

/** @param {HTMLElement} hand the button
 * @param {Seat} person
 * @param {number} place from 1; the first nine have a key
 * @param {boolean} hands */
function changeHand(hand, person, place, hands) {
  shown(hand, hands);
  hand.setAttribute("aria-pressed", String(person.hand));
  const way = person.hand ? "lower" : "raise";
  const called = `${way} ${place < 10 ? place : ""}`;
  if (hand.dataset.label === called) return;
  hand.dataset.label = called;
  hand.setAttribute("aria-label", isolated(label(`hand.${way}_of`, { name: person.name })));
  hand.replaceChildren(`${label(`hand.${way}`)} `, ...(place < 10 ? [h("kbd", {}, String(place))] : []));
}
