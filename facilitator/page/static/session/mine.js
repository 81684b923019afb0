// @ts-check
// One person's own telephone: their part and nobody else's, the queue, and what they can ask for without a word.

import { h, inside, keyed, left, put, s, say, shown } from "../shared/dom.js";
import { label, percent } from "../shared/labels.js";
import { dashes, RADIUS } from "./ring_text.js";

/** @typedef {import("../shared/messages.js").Mine} Mine */

const KEPT = "facilitator-mine";
/** Knows this telephone again when it comes back, loaded anew, too: whoever says to be somebody who is here already is not
 * believed. */
const key = kept() ?? [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("");
keep();

function kept() {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null; // this browser keeps nothing of any page
  }
}

function keep() {
  try {
    sessionStorage.setItem(KEPT, key);
  } catch {
    // then a page that is loaded anew is somebody new until the old one is gone
  }
}

const WAYS = ["hand", "pass", "let-me-finish"];

export class MineScreen {
  /** @param {HTMLElement} place
   * @param {import("../shared/messages.js").Around} around */
  constructor(place, { order }) {
    this.order = order;
    /** @type {Mine | null} */
    this.mine = null;
    this.name = "";
    this.told = "";
    this.names = h("div", { class: "choices" });
    this.who = h("section", { class: "mine-who" }, h("h1", {}, label("mine.who")), h("p", { class: "soft" }, label("mine.who_what")), this.names);
    this.title = h("h1", {});
    this.now = h("p", { class: "now" });
    this.fill = s("circle", { class: "fill", cx: 50, cy: 50, r: RADIUS, transform: "rotate(-90 50 50)" });
    this.figure = s("text", { x: 50, y: 51, class: "figure" });
    this.ring = h("div", { class: "disc" }, s("svg", { viewBox: "0 0 100 100", "aria-hidden": "true" }, s("circle", { class: "track", cx: 50, cy: 50, r: RADIUS }), this.fill, this.figure));
    this.words = h("p", { class: "words" });
    this.time = h("p", { class: "time", role: "timer" });
    this.queue = h("p", { class: "queue soft" });
    this.ways = h("div", { class: "buttons" });
    this.other = h("button", { type: "button", class: "plain small", onclick: () => this.leaveName() }, label("mine.other"));
    this.own = h("section", { class: "mine-own" }, this.title, this.now, this.time, this.ring, this.words, this.queue, this.ways, this.other);
    place.replaceChildren(h("div", { class: "mine" }, this.who, this.own));
    this.refresh();
  }

  /** @param {import("../shared/messages.js").Message} message */
  tell({ topic, body }) {
    if (topic === "table") {
      keyed(this.names, body.people, (name) => name, (name) => h("button", { type: "button", class: "choice", onclick: () => this.be(name) }, name));
      if (this.name) this.be(this.name); // the connection may be a new one
    } else if (topic === "taken") {
      this.name = "";
      this.mine = null;
      say(label("mine.taken", { name: body }));
      put(inside(this.who, ".soft"), label("mine.taken", { name: body }));
      this.refresh();
    } else if (topic === "mine") {
      this.mine = body;
      this.refresh();
    }
  }

  named() {
    document.title = label("page.title", { what: this.name || label("mine.who") });
  }

  /** @param {string} name */
  be(name) {
    this.name = name;
    this.order("i-am", { person: name, key });
  }

  leaveName() {
    this.name = "";
    this.mine = null;
    this.order("i-am", { person: "", key });
    this.refresh();
  }

  refresh() {
    const mine = this.mine;
    shown(this.who, !mine);
    shown(this.own, mine !== null);
    if (!mine) return;
    put(this.title, mine.name);
    const now = nowOf(mine);
    put(this.now, now);
    put(this.time, mine.floor && mine.left_s !== null ? left(mine.left_s) : "");
    shown(this.time, mine.floor && mine.left_s !== null);
    this.refreshPart(mine);
    put(this.queue, mine.queue.length ? label("queue", { names: mine.queue.join(", ") }) : "");
    this.refreshWays(mine);
    shown(this.other, !mine.ended);
    if (now !== this.told) say(now);
    this.told = now;
    document.title = label("page.title", { what: mine.name });
  }

  /** @param {Mine} mine */
  refreshWays(mine) {
    keyed(
      this.ways,
      mine.ended ? [] : WAYS.filter((way) => mine.ways.includes(way)),
      (way) => way,
      (way) => h("button", { type: "button", class: way === "hand" ? "main" : "plain", onclick: () => this.order(way) }),
      (button, way) => {
        put(button, way === "hand" ? label(mine.hand ? "mine.lower" : "mine.raise") : label(way === "pass" ? "button.pass" : "mine.finish"));
        if (way === "hand") button.setAttribute("aria-pressed", String(mine.hand));
      },
    );
  }

  /** @param {Mine} mine */
  refreshPart({ ring, likely, ended }) {
    shown(this.ring, ring !== null);
    if (!ring) {
      put(this.words, ended ? "" : label("mine.hidden"));
      return;
    }
    const figure = ring.words === "share" ? percent(ring.filled) : "";
    this.fill.setAttribute("stroke-dasharray", dashes(ring.filled));
    this.fill.classList.toggle("none", ring.filled === 0);
    put(this.figure, figure);
    const share = figure ? label(ended ? "mine.share_ended" : "mine.share", { share: figure }) : "";
    const range = likely ? label("person_line.likely", { low: Math.round(100 * likely[0]), high: percent(likely[1]) }) : "";
    put(this.words, [share, range].filter(Boolean).join(" · "));
  }
}

/** Whose turn it is, as it concerns this person.
 * @param {Mine} mine */
function nowOf(mine) {
  if (mine.paused) return label("floor.paused");
  if (mine.floor) return label("mine.floor");
  if (mine.next) return label("mine.next");
  return mine.holder ? label("mine.holder", { name: mine.holder }) : "";
}
