// One ring a person: how much of the voice is learned, then the airtime as far as it is to be seen; who speaks, who has the floor.

import { calm, h, put, s, shown } from "../shared/dom.js";
import { label } from "../shared/labels.js";

const AROUND = 2 * Math.PI * 42;

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
        s("circle", { class: "track", cx: 50, cy: 50, r: 42 }),
        s("circle", { class: "fill", cx: 50, cy: 50, r: 42, transform: "rotate(-90 50 50)" }),
        s("circle", { class: "core", cx: 50, cy: 50, r: 33 }),
        s("text", { x: 50, y: 51, class: "initials" }, initials),
        s("path", { class: "cut", d: "M 88 4 l 8 8 l -8 8 l -8 -8 z" }),
      ),
    ),
    h("span", { class: "name" }, person.name),
    h("span", { class: "state soft" }),
    h("button", { type: "button", class: "hand small plain", hidden: true, onclick: (event) => { calm(event); raise(person.name); } }),
  );
}

/** `hands`: they can be raised here. */
export function changeRing(element, person, state, hands) {
  const opening = state.stage_kind === "opening";
  const filled = opening ? (person.state === "known" ? 1 : person.enrolled) : (person.ring?.filled ?? 0);
  const fill = element.querySelector(".fill");
  const dash = `${(filled * AROUND).toFixed(1)} ${AROUND.toFixed(1)}`;
  if (fill.getAttribute("stroke-dasharray") !== dash) fill.setAttribute("stroke-dasharray", dash);
  fill.classList.toggle("none", filled === 0);
  const cut = state.marks.some((mark) => mark.over === person.name);
  const place = state.people.indexOf(person) + 1;
  element.classList.toggle("speaking", person.speaking && !state.own_voice);
  element.classList.toggle("floor", person.floor);
  element.classList.toggle("declined", person.state === "declined" && state.listening);
  element.classList.toggle("cut-in", cut);
  const words = [];
  if (opening) words.push(label(`person.${person.state}`));
  else if (person.state === "declined" && state.listening) words.push(label("person.declined"));
  if (person.speaking && !state.own_voice && !opening) words.push(label("person.speaking"));
  else if (person.floor && !opening) words.push(label(state.stage_kind === "rate" ? "floor.asked" : "floor.has"));
  if (person.hand) words.push(label("person.hand"));
  if (person.ring?.words && !opening) words.push(label(`person.${person.ring.words}`, { percent: Math.round(100 * person.ring.filled) }));
  put(element.querySelector(".state"), words.join(" · "));
  const hand = element.querySelector(".hand");
  shown(hand, hands);
  hand.setAttribute("aria-pressed", String(person.hand));
  const way = person.hand ? "lower" : "raise";
  const called = `${way} ${place < 10 ? place : ""}`;
  if (hand.dataset.label !== called) {
    hand.dataset.label = called;
    hand.setAttribute("aria-label", label(`hand.${way}_of`, { name: person.name }));
    hand.replaceChildren(`${label(`hand.${way}`)} `, ...(place < 10 ? [h("kbd", {}, String(place))] : []));
  }
}
