// @ts-check
// Who spoke when, to zoom into and to walk through. It needs nothing but a figure of report/timeline.py, which is
// whole without it; in a saved report it stands in the page itself, with what it imports put before it. All words are
// put in as text, never as HTML.

import { isolated } from "../shared/isolated.js";
import { clock, closest, filled, heldView, lasting, LEAST_MS, marksOfAxis, middleOf, moments, spanWithin, stretches, telling, utterances, viewOf, within, zoomed } from "./timeline_geometry.js";

const SVG = "http://www.w3.org/2000/svg";
const NEAR_PX = 6;
const MOVED_PX = 4; // less is a click

/** @typedef {import("./timeline_geometry.js").Utterance} Utterance */
/** @typedef {{ number: number, name: string, told: string, voice: string, top: number, bar: number, said: Utterance[] }} Lane */
/** @typedef {{ at: number, y: number, text: string }} Sign a cut-in or something that was said, with what is told of it */
/** @typedef {{ start: number, end: number, anchor: number, head: number, lane: number | null }} Chosen */
/** @typedef {{ start_ms: number, end_ms: number, voice: string | null, name: string | null, from: HTMLElement }} Stretch */
/** @typedef {{ start: number, span: number, at: number | null }} Seen */

/** Wakes a figure up. `onChosen` is handed a stretch that somebody wants to do something about: {start_ms, end_ms,
 *  voice: "person", "guest", "unknown" or null for everyone's, name, from: the element to give the focus back to}.
 * @param {HTMLElement} figure
 * @param {{ onChosen?: ((stretch: Stretch) => void) | null, view?: Seen | null }} [how] */
export function timeline(figure, { onChosen = null, view = null } = {}) {
  return new Timeline(figure, onChosen, view);
}

class Timeline {
  /** @param {HTMLElement} figure
   * @param {((stretch: Stretch) => void) | null} onChosen
   * @param {Seen | null} view */
  constructor(figure, onChosen, view) {
    this.figure = figure;
    this.onChosen = onChosen;
    this.end = Number(figure.dataset.end);
    this.height = Number(figure.dataset.height);
    this.stretch = inside(figure, ".stretch");
    /** @type {SVGElement} */
    this.plot = inside(figure, ".plot");
    /** @type {SVGElement[]} */
    this.bands = [...figure.querySelectorAll(/** @type {"svg"} */ (".band"))];
    /** @type {SVGElement} */
    this.axis = inside(figure, ".axis");
    this.start = 0;
    this.span = this.end;
    this.at = -1; // place in `said`
    /** @type {Chosen | null} */
    this.chosen = null;
    this.selecting = false;
    /** @type {Map<number, { x: number, y: number }>} */
    this.pointers = new Map();
    this.drag = { x: 0, start: 0, at: 0, select: false, lane: /** @type {number | null} */ (null), far: false };
    /** @type {{ apart: number, span: number, about: number } | null} */
    this.pinch = null;
    /** @type {number | undefined} */
    this.frame = undefined;
    this.gone = new AbortController();
    this.watch = new ResizeObserver(() => this.soon());
    this.lanes = lanesOf(figure);
    this.said = this.lanes.flatMap((lane) => lane.said).sort((one, other) => one.start - other.start || one.lane - other.lane);
    /** @type {import("./timeline_geometry.js").Words} */
    this.words = JSON.parse(figure.dataset.words ?? "{}");
    this.cuts = cutsOf(figure, this.words);
    this.prompts = promptsOf(figure, this.words);
    this.marked = svg("rect", { class: "chosen", visibility: "hidden" });
    this.here = svg("rect", { class: "here", visibility: "hidden" });
    this.tip = html("div", { class: "tip", "aria-hidden": "true" });
    this.told = html("p", { class: "told", "aria-live": "polite" });
    this.help = html("p", { class: "help" });
    this.buttons = {
      out: button("−", this.words.out, () => this.zoom(1 / 2)),
      in: button("+", this.words.in, () => this.zoom(2)),
      whole: button(this.words.whole, this.words.show_whole, () => this.show(0, this.end)),
      earlier: button("◀", this.words.earlier, () => this.move(-this.span / 2)),
      later: button("▶", this.words.later, () => this.move(this.span / 2)),
    };
    this.select = button(this.words.choose, "", () => this.mode(!this.selecting));
    this.put = button(this.words.put_right, "", () => this.choose(this.put));
    this.build();
    this.listen();
    if (view) this.restore(view);
    this.draw();
  }

  // -- building ---------------------------------------------------------------------------------

  build() {
    this.plot.prepend(this.marked);
    this.plot.append(this.here);
    this.tip.hidden = true;
    this.stretch.append(this.tip);
    this.stretch.classList.add("live");
    const number = document.querySelectorAll(".timeline .help").length + 1;
    this.help.id = `timeline-help-${number}`;
    this.help.textContent = this.onChosen ? `${this.words.keys} ${this.words.keys_chosen}` : this.words.keys;
    for (const [name, value] of Object.entries({
      tabindex: "0",
      role: "application",
      "aria-roledescription": this.words.timeline,
      "aria-label": inside(this.figure, ".whole").getAttribute("aria-label") ?? "",
      "aria-describedby": this.help.id,
    }))
      this.stretch.setAttribute(name, value);
    const tools = html("div", { class: "tools", role: "group", "aria-label": this.words.timeline });
    tools.append(...Object.values(this.buttons));
    if (this.onChosen) {
      this.select.setAttribute("aria-pressed", "false");
      this.put.disabled = true;
      tools.append(this.select, this.put);
    }
    this.figure.append(tools, this.told, this.help);
  }

  /** @param {boolean} selecting */
  mode(selecting) {
    this.selecting = selecting;
    this.select.setAttribute("aria-pressed", String(selecting));
    this.stretch.classList.toggle("selecting", selecting);
  }

  // -- what part of it is seen ------------------------------------------------------------------

  /** @returns {Seen} */
  get view() {
    return { start: this.start, span: this.span, at: this.said[this.at]?.start ?? null };
  }

  /** The same part as in an earlier picture of the same session.
   * @param {Seen} view */
  restore({ start, span, at }) {
    this.show(start, span);
    if (at !== null) this.at = this.said.findIndex((one) => one.start >= at);
  }

  /** @param {number} start
   * @param {number} span */
  show(start, span) {
    ({ start: this.start, span: this.span } = heldView({ start, span }, this.end));
    this.soon();
  }

  /** Whether that led anywhere.
   * @param {number} ms */
  move(ms) {
    const before = this.start;
    this.show(this.start + ms, this.span);
    return this.start !== before;
  }

  /** By this factor, about a moment that stays where it is.
   * @param {number} by
   * @param {number} about */
  zoom(by, about = middleOf(this, this.said[this.at])) {
    const { start, span } = zoomed(this, by, about, this.end);
    this.show(start, span);
  }

  soon() {
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.frame = undefined;
    const percent = (/** @type {number} */ ms) => `${((100 * ms) / this.span).toFixed(3)}%`;
    const stop = this.start + this.span;
    this.plot.setAttribute("viewBox", `${this.start} 0 ${this.span} ${this.height}`);
    for (const band of this.bands) {
      const from = Math.max(this.start, Number(band.dataset.start)); // its name stays in sight
      const to = Math.min(stop, Number(band.dataset.stop));
      band.setAttribute("x", percent(from - this.start));
      band.setAttribute("width", percent(Math.max(0, to - from)));
    }
    this.drawAxis(percent);
    this.drawMarks();
    const cuts = this.cuts.filter((one) => one.at >= this.start && one.at <= stop).length;
    this.figure.classList.toggle("dense", cuts > Number(this.figure.dataset.many));
    this.buttons.in.disabled = this.span <= LEAST_MS;
    this.buttons.out.disabled = this.buttons.whole.disabled = this.span >= this.end;
    this.buttons.earlier.disabled = this.start <= 0;
    this.buttons.later.disabled = stop >= this.end;
  }

  /** @param {(ms: number) => string} percent */
  drawAxis(percent) {
    /** @type {SVGElement[]} */
    const parts = [];
    const foot = this.height - Number(this.axis.dataset.foot) + 6;
    for (const at of marksOfAxis(this, this.stretch.clientWidth)) {
      const x = percent(at - this.start);
      parts.push(svg("line", { x1: x, x2: x, y1: Number(this.axis.dataset.top) - 4, y2: foot }));
      if (at - this.start < 0.93 * this.span) {
        const label = svg("text", { x, y: this.height - 5, dx: 2 });
        label.textContent = clock(at);
        parts.push(label);
      }
    }
    this.axis.replaceChildren(...parts);
  }

  drawMarks() {
    const one = this.said[this.at];
    this.here.setAttribute("visibility", one ? "visible" : "hidden");
    if (one) {
      const { top, bar } = this.lanes[one.lane];
      give(this.here, { x: one.start, width: one.end - one.start, y: top - 2, height: bar + 4 });
    }
    const chosen = this.chosen;
    this.marked.setAttribute("visibility", chosen ? "visible" : "hidden");
    if (chosen) {
      const { top, bar } = chosen.lane === null ? { top: 3, bar: this.height - 26 } : this.lanes[chosen.lane];
      give(this.marked, { x: chosen.start, width: chosen.end - chosen.start, y: top - 3, height: bar + 6 });
    }
    this.put.disabled = !chosen && !one;
  }

  // -- utterances -------------------------------------------------------------------------------

  /** To this utterance; it is read out.
   * @param {number} place */
  go(place) {
    if (!this.said.length) return;
    this.at = Math.min(this.said.length - 1, Math.max(0, place));
    this.chosen = null;
    const one = this.said[this.at];
    const { start, span } = viewOf(this, one);
    this.show(start, span);
    this.tell(telling(this.lanes[one.lane], one, this.words));
    this.soon();
  }

  /** The utterance of the lane above (-1) or below (1) that is nearest in time.
   * @param {number} by */
  across(by) {
    const one = this.said[this.at];
    if (!one) return this.go(0);
    for (let lane = this.lanes[one.lane + by]; lane; lane = this.lanes[lane.number + by]) {
      const near = closest(lane.said, one.start);
      if (near) return this.go(this.said.indexOf(near));
    }
  }

  /** The next one that begins after this moment of the view, where none is at hand. */
  first() {
    const place = this.said.findIndex((one) => one.end > this.start);
    return place < 0 ? this.said.length - 1 : place;
  }

  /** @param {string} text */
  tell(text) {
    this.told.textContent = isolated(text);
  }

  // -- choosing a stretch -----------------------------------------------------------------------

  /** From `anchor` to `head`, in one lane or (null) in all.
   * @param {number} anchor
   * @param {number} head
   * @param {number | null} lane */
  mark(anchor, head, lane) {
    const held = (/** @type {number} */ ms) => Math.round(within(ms, 0, this.end));
    const [start, end] = [held(Math.min(anchor, head)), held(Math.max(anchor, head))];
    this.chosen = { start, end, anchor: held(anchor), head: held(head), lane };
    const whose = lane === null ? this.words.everyone : this.lanes[lane].told;
    const when = filled(this.words.from_to, { start: clock(start), end: clock(end) });
    this.tell(filled(this.words.chosen, { what: `${whose} · ${when} · ${lasting(end - start, this.words)}` }));
    this.soon();
  }

  /** With Shift and the arrow keys: the far end goes on by a fortieth of what is seen.
   * @param {number} sign */
  stretchBy(sign) {
    const one = this.said[this.at];
    const from = this.chosen ?? (one && { anchor: one.start, head: one.end, lane: one.lane });
    if (!from) return;
    const step = Math.max(100, Math.round(this.span / 4000) * 100);
    const { anchor, head, lane } = from;
    const to = head + sign * step;
    if (to < this.start || to > this.start + this.span) this.move(sign * (this.span / 4));
    this.mark(anchor, to, lane);
  }

  /** @param {HTMLElement} from */
  choose(from) {
    const one = this.said[this.at];
    const found = this.chosen ?? (one && { start: one.start, end: one.end, lane: one.lane });
    if (!found || !this.onChosen || found.end <= found.start) return;
    const lane = found.lane === null ? null : this.lanes[found.lane];
    this.onChosen({ start_ms: found.start, end_ms: found.end, voice: lane?.voice ?? null, name: lane?.name ?? null, from });
  }

  // -- keys, mouse and fingers ------------------------------------------------------------------

  listen() {
    const at = this.stretch;
    at.addEventListener("keydown", (event) => this.key(event));
    at.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    at.addEventListener("pointerdown", (event) => this.down(event));
    at.addEventListener("pointermove", (event) => this.moved(event));
    at.addEventListener("pointerup", (event) => this.up(event));
    at.addEventListener("pointercancel", (event) => this.up(event));
    at.addEventListener("pointerleave", () => this.point(null));
    at.addEventListener("dblclick", () => this.choose(at));
    this.watch.observe(at);
    const { signal } = this.gone;
    /** @type {Seen | null} */
    let before = null;
    const print = () => {
      before = this.view;
      this.show(0, this.end); // paper shows the whole
      this.draw();
    };
    window.addEventListener("beforeprint", print, { signal });
    window.addEventListener("afterprint", () => before && this.show(before.start, before.span), { signal });
  }

  /** The figure is taken away. */
  leave() {
    this.gone.abort();
    this.watch.disconnect();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.metaKey || event.altKey) return;
    const none = this.at < 0;
    const sideways = (/** @type {number} */ sign) => {
      if (event.ctrlKey) this.move((sign * this.span) / 8);
      else if (event.shiftKey) this.stretchBy(sign);
      else this.go(none ? this.first() : this.at + sign);
    };
    /** @type {Record<string, () => unknown>} */
    const keys = {
      ArrowRight: () => sideways(1),
      ArrowLeft: () => sideways(-1),
      ArrowDown: () => this.across(1),
      ArrowUp: () => this.across(-1),
      Home: () => this.go(0),
      End: () => this.go(this.said.length - 1),
      PageDown: () => this.move(this.span / 2),
      PageUp: () => this.move(-this.span / 2),
      "+": () => this.zoom(2),
      "=": () => this.zoom(2),
      "-": () => this.zoom(1 / 2),
      0: () => this.show(0, this.end),
      Enter: () => this.choose(this.stretch),
      Escape: () => this.drop(),
    };
    const act = keys[event.key];
    if (!act || (event.ctrlKey && !event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  drop() {
    this.chosen = null;
    this.tell("");
    this.soon();
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    if (event.ctrlKey) {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 200), this.when(event.clientX));
      return;
    }
    const across = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
    if (Math.abs(across) > Math.abs(event.shiftKey ? 0 : event.deltaY) && this.move((across / this.stretch.clientWidth) * this.span)) event.preventDefault();
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0) return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.stretch.setPointerCapture(event.pointerId);
    const select = Boolean(this.onChosen) && (this.selecting || event.shiftKey);
    const at = this.when(event.clientX);
    this.drag = { x: event.clientX, start: this.start, at, select, lane: this.laneAt(event.clientY)?.number ?? null, far: false };
    if (this.pointers.size === 2) this.pinch = { apart: this.apart(), span: this.span, about: this.when(this.between()) };
  }

  /** @param {PointerEvent} event */
  moved(event) {
    if (!this.pointers.has(event.pointerId)) return this.point(event);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.drag.far ||= Math.abs(event.clientX - this.drag.x) > MOVED_PX;
    if (this.pinch && this.pointers.size === 2) {
      this.drag.far = true;
      const span = (this.pinch.span * this.pinch.apart) / Math.max(1, this.apart());
      const held = spanWithin(span, this.end);
      this.show(this.pinch.about - this.part(this.between()) * held, held);
    } else if (this.drag.far && this.drag.select) {
      this.mark(this.drag.at, this.when(event.clientX), this.drag.lane);
    } else if (this.drag.far && !this.pinch) {
      this.show(this.drag.start - ((event.clientX - this.drag.x) / this.stretch.clientWidth) * this.span, this.span);
    }
    this.point(null);
  }

  /** @param {PointerEvent} event */
  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (!this.drag.far && event.type === "pointerup") {
      const one = this.under(event);
      if (one && "lane" in one) this.go(this.said.indexOf(one));
      else this.drop();
      this.point(event);
    }
    if (!this.pointers.size) this.pinch = null;
  }

  apart() {
    const [one, other] = [...this.pointers.values()];
    return Math.abs(one.x - other.x);
  }

  between() {
    const [one, other] = [...this.pointers.values()];
    return (one.x + other.x) / 2;
  }

  /** @param {number} clientX */
  part(clientX) {
    const box = this.stretch.getBoundingClientRect();
    return within((clientX - box.left) / box.width, 0, 1);
  }

  /** @param {number} clientX */
  when(clientX) {
    return this.start + this.part(clientX) * this.span;
  }

  /** @param {number} clientY */
  laneAt(clientY) {
    const y = clientY - this.stretch.getBoundingClientRect().top;
    return this.lanes.find((lane) => y >= lane.top - 14 && y <= lane.top + lane.bar + 3);
  }

  /** An utterance, a cut-in or a prompt at the pointer.
   * @param {MouseEvent} event
   * @returns {Utterance | Sign | undefined} */
  under(event) {
    const at = this.when(event.clientX);
    const y = event.clientY - this.stretch.getBoundingClientRect().top;
    const near = (NEAR_PX * this.span) / this.stretch.clientWidth;
    const mark = [...this.cuts, ...this.prompts].find((one) => Math.abs(one.at - at) <= near && Math.abs(one.y - y) <= NEAR_PX);
    if (mark) return mark;
    const found = closest(this.laneAt(event.clientY)?.said ?? [], at);
    return found && at >= found.start - near && at <= found.end + near ? found : undefined;
  }

  /** @param {PointerEvent | null} event */
  point(event) {
    const one = event && event.pointerType !== "touch" ? this.under(event) : undefined;
    this.tip.hidden = !one;
    if (!one || !event) return;
    const text = "text" in one ? one.text : telling(this.lanes[one.lane], one, this.words);
    if (this.tip.textContent !== isolated(text)) this.tip.textContent = isolated(text);
    const box = this.stretch.getBoundingClientRect();
    const left = Math.min(event.clientX - box.left + 12, box.width - this.tip.offsetWidth);
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${event.clientY - box.top + 18}px`;
  }
}

// -- what the picture says ----------------------------------------------------------------------

/** @param {HTMLElement} figure
 * @returns {Lane[]} */
function lanesOf(figure) {
  /** @type {NodeListOf<SVGElement>} */
  const groups = figure.querySelectorAll(".lane");
  return [...groups].map((group, number) => {
    const pieces = [...group.querySelectorAll("path")].flatMap((path) => {
      const sure = path.dataset.sure ? path.dataset.sure.split(" ") : [];
      const counted = !path.classList.contains("uncounted");
      return stretches(drawn(path)).map(({ start, end }, place) => ({ start, end, counted, sure: sure.length ? Number(sure[place]) : null }));
    });
    pieces.sort((one, other) => one.start - other.start);
    const { name = "", told = "", top, bar } = group.dataset;
    const voice = ["guest", "unknown"].find((kind) => group.classList.contains(kind)) ?? "person";
    return { number, name, told, voice, top: Number(top), bar: Number(bar), said: utterances(pieces, number) };
  });
}

/** @param {HTMLElement} figure
 * @param {import("./timeline_geometry.js").Words} words
 * @returns {Sign[]} */
function cutsOf(figure, words) {
  /** @type {NodeListOf<SVGPathElement>} */
  const paths = figure.querySelectorAll(".plot .cuts");
  return [...paths].flatMap((path) => {
    const over = JSON.parse(path.dataset.over ?? "[]");
    return moments(drawn(path)).map(({ at, y }, place) => ({ at, y, text: filled(words.cut_in, { by: path.dataset.by ?? "", over: over[place], time: clock(at) }) }));
  });
}

/** @param {HTMLElement} figure
 * @param {import("./timeline_geometry.js").Words} words
 * @returns {Sign[]} */
function promptsOf(figure, words) {
  /** @type {SVGPathElement | null} */
  const path = figure.querySelector(".plot .prompts");
  if (!path) return [];
  const texts = JSON.parse(path.dataset.said ?? "[]");
  return moments(drawn(path)).map(({ at, y }, place) => ({ at, y: y + 5, text: filled(words.said, { time: clock(at), text: texts[place] }) }));
}

/** @param {SVGPathElement} path */
function drawn(path) {
  return path.getAttribute("d") ?? "";
}

// -- elements -----------------------------------------------------------------------------------

/** @template {Element} [E=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {E} */
function inside(parent, selector) {
  const found = /** @type {E | null} */ (parent.querySelector(selector));
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
}

/** @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number>} attributes */
function html(tag, attributes) {
  const element = document.createElement(tag);
  give(element, attributes);
  return element;
}

/** @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number>} attributes */
function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  give(element, attributes);
  return element;
}

/** @param {Element} element
 * @param {Record<string, string | number>} attributes */
function give(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/** @param {string} text
 * @param {string} label what it is called where that is more than its text
 * @param {() => unknown} act */
function button(text, label, act) {
  const made = html("button", { type: "button", ...(label ? { "aria-label": label } : {}) });
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

/** @type {NodeListOf<HTMLElement>} */
const figures = document.querySelectorAll("figure.timeline");
for (const figure of figures) timeline(figure);
