// @ts-check
// The map of the table while people talk, where the table wants to see airtime: everyone at their seat, who speaks glows, and
// arrows grow between who comes after whom. The review draws it again, of all that was gone over.

import { h, put, s, shown } from "../shared/dom.js";
import { isolated } from "../shared/isolated.js";
import { label } from "../shared/labels.js";

/** @typedef {import("../shared/messages.js").Session} Session */
/** @typedef {import("../shared/messages.js").LiveTie} LiveTie */
/** @typedef {{ x: number, y: number, r: number }} Place */

const WIDTH = 440;
const HEIGHT = 300;
const RING = 100;
const LEAST = 10;
const MOST = 26;
const BEND = 0.16;
const OFTEN = 5; // the widest arrow stands for at least so many

/** On a circle in the order of the seats, the first at the top; the area of a seat is its part.
 * @param {{ filled: number }[]} parts
 * @returns {Place[]} */
export function places(parts) {
  const most = Math.max(...parts.map((part) => part.filled), 0.01);
  const largest = Math.min(MOST, (0.65 * Math.PI * RING) / parts.length);
  return parts.map(({ filled }, number) => {
    const turn = (2 * Math.PI * number) / parts.length;
    return { x: WIDTH / 2 + RING * Math.sin(turn), y: HEIGHT / 2 - RING * Math.cos(turn), r: Math.max(LEAST, largest * Math.sqrt(filled / most)) };
  });
}

/** A bent line from the one seat to the other, with the corners of its head.
 * @param {Place} from
 * @param {Place} to
 * @param {number} bend how far, of its length */
export function arrow(from, to, bend = BEND) {
  const middle = { x: (from.x + to.x) / 2 - bend * (to.y - from.y), y: (from.y + to.y) / 2 + bend * (to.x - from.x) };
  const begin = toward(from, middle, from.r + 2);
  const tip = toward(to, middle, to.r + 2);
  const neck = toward(to, middle, to.r + 11);
  const far = Math.hypot(tip.x - neck.x, tip.y - neck.y) || 1;
  const side = { x: ((neck.y - tip.y) / far) * 5, y: ((tip.x - neck.x) / far) * 5 };
  const at = (/** @type {{ x: number, y: number }} */ point) => `${point.x.toFixed(1)},${point.y.toFixed(1)}`;
  return {
    line: `M${at(begin)}Q${at(middle)} ${at(neck)}`,
    head: [tip, { x: neck.x + side.x, y: neck.y + side.y }, { x: neck.x - side.x, y: neck.y - side.y }].map(at).join(" "),
  };
}

/** @param {Place} seat
 * @param {{ x: number, y: number }} point
 * @param {number} far */
function toward(seat, point, far) {
  const whole = Math.hypot(seat.x - point.x, seat.y - point.y) || 1;
  return { x: seat.x + ((point.x - seat.x) * far) / whole, y: seat.y + ((point.y - seat.y) * far) / whole };
}

export class TableMap {
  constructor() {
    this.svg = s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
    this.legend = h("figcaption", { class: "soft small" });
    this.element = h("figure", { class: "live-map", hidden: true }, this.svg, this.legend);
    this.drawn = "";
  }

  /** @param {Session} state */
  tell(state) {
    const { ties, people } = state;
    shown(this.element, ties !== null);
    if (!ties) return;
    const seen = JSON.stringify([ties, people.map((one) => [one.name, one.ring?.filled, one.speaking])]);
    if (seen === this.drawn) return;
    this.drawn = seen;
    const seats = places(people.map((one) => ({ filled: one.ring?.filled ?? 0 })));
    const of = (/** @type {string} */ name) => seats[people.findIndex((one) => one.name === name)];
    const most = Math.max(OFTEN, ...ties.map((tie) => Math.max(tie.next, tie.cut_ins)));
    /** @param {number} times @param {LiveTie} tie @param {string} kind */
    const drawn = (times, tie, kind) => {
      const [from, to] = [of(tie.by), of(tie.to)];
      if (!times || !from || !to) return [];
      const { line, head } = arrow(from, to, kind === "cut" ? 2.5 * BEND : BEND);
      return [s("path", { class: `tie ${kind}`, d: line, "stroke-width": (1.5 + (5.5 * times) / most).toFixed(1) }), s("polygon", { class: `head ${kind}`, points: head })];
    };
    this.svg.replaceChildren(
      ...ties.flatMap((tie) => drawn(tie.next, tie, "next")),
      ...ties.flatMap((tie) => drawn(tie.cut_ins, tie, "cut")),
      ...people.flatMap((person, number) => seat(person, seats[number] ?? { x: 0, y: 0, r: 0 }, state.own_voice)),
    );
    const pairs = ties.filter((tie) => tie.next).map((tie) => label("map.pair", { name: tie.by, other: tie.to, number: tie.next }));
    this.svg.setAttribute("aria-label", isolated([label("map.title"), ...pairs].join(" ")));
    put(this.legend, label("map.legend"));
  }
}

/** @param {Session["people"][number]} person
 * @param {Place} place
 * @param {boolean} ownVoice */
function seat(person, { x, y, r }, ownVoice) {
  const [outX, outY] = [(x - WIDTH / 2) / RING, (y - HEIGHT / 2) / RING];
  const anchor = Math.abs(outX) < 0.3 ? "middle" : outX > 0 ? "start" : "end";
  const glows = person.speaking && !ownVoice;
  return [
    s("circle", { class: glows ? "seat speaking" : "seat", cx: x, cy: y, r }),
    s("text", { class: "seated", x: x + outX * (r + 7), y: y + outY * (r + 14) + 5, "text-anchor": anchor }, isolated([...person.name].slice(0, 14).join(""))),
  ];
}
