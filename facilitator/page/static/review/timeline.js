// Who spoke when, to zoom into and to walk through. It needs nothing but a figure of report/timeline.py, which is
// whole without it; in a saved report it stands in the page itself. All words are put in as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";
const LEAST_MS = 2000; // no closer
const PAUSE_MS = 500; // shorter ones belong to an utterance
const NEAR_PX = 6;
const MOVED_PX = 4; // less is a click
const LABEL_PX = 84;
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];

/** Wakes a figure up. `onChosen` is handed a stretch that somebody wants to do something about: {start_ms, end_ms,
 *  voice: "person", "guest", "unknown" or null for everyone's, name, from: the element to give the focus back to}. */
export function timeline(figure, { onChosen = null, view = null } = {}) {
  return new Timeline(figure, onChosen, view);
}

class Timeline {
  constructor(figure, onChosen, view) {
    this.figure = figure;
    this.onChosen = onChosen;
    this.end = Number(figure.dataset.end);
    this.height = Number(figure.dataset.height);
    this.stretch = figure.querySelector(".stretch");
    this.plot = figure.querySelector(".plot");
    this.bands = [...figure.querySelectorAll(".band")];
    this.axis = figure.querySelector(".axis");
    this.start = 0;
    this.span = this.end;
    this.at = -1; // place in `said`
    this.chosen = null;
    this.selecting = false;
    this.pointers = new Map();
    this.read();
    this.build();
    this.listen();
    if (view) this.restore(view);
    this.draw();
  }

  // -- what the picture says --------------------------------------------------------------------

  read() {
    this.lanes = [...this.figure.querySelectorAll(".lane")].map((group, number) => {
      const pieces = [...group.querySelectorAll("path")].flatMap((path) => {
        const sure = path.dataset.sure ? path.dataset.sure.split(" ") : [];
        const counted = !path.classList.contains("uncounted");
        return stretches(path).map(({ start, end }, place) => ({ start, end, counted, sure: sure.length ? Number(sure[place]) : null }));
      });
      pieces.sort((one, other) => one.start - other.start);
      const { name, told, top, bar } = group.dataset;
      const voice = ["guest", "unknown"].find((kind) => group.classList.contains(kind)) ?? "person";
      return { number, name, told, voice, top: Number(top), bar: Number(bar), said: utterances(pieces, number) };
    });
    this.said = this.lanes.flatMap((lane) => lane.said).sort((one, other) => one.start - other.start || one.lane - other.lane);
    this.cuts = [...this.figure.querySelectorAll(".plot .cuts")].flatMap((path) => {
      const over = JSON.parse(path.dataset.over);
      return moments(path).map(({ at, y }, place) => ({ at, y, text: `${path.dataset.by} cut in on ${over[place]} at ${clock(at)}` }));
    });
    const prompts = this.figure.querySelector(".plot .prompts");
    const texts = prompts ? JSON.parse(prompts.dataset.said) : [];
    this.prompts = prompts ? moments(prompts).map(({ at, y }, place) => ({ at, y: y + 5, text: `${clock(at)} “${texts[place]}”` })) : [];
  }

  telling(one) {
    const lane = this.lanes[one.lane];
    const sure = !one.counted ? "not counted" : one.sure === null ? "" : `${one.sure} % sure`;
    return [lane.told, `${clock(one.start)} to ${clock(one.end)}`, lasting(one.end - one.start), sure].filter(Boolean).join(" · ");
  }

  // -- building ---------------------------------------------------------------------------------

  build() {
    this.marked = make(SVG, "rect", { class: "chosen", visibility: "hidden" });
    this.here = make(SVG, "rect", { class: "here", visibility: "hidden" });
    this.plot.prepend(this.marked);
    this.plot.append(this.here);
    this.tip = make(null, "div", { class: "tip", "aria-hidden": "true" });
    this.tip.hidden = true;
    this.stretch.append(this.tip);
    this.stretch.classList.add("live");
    this.told = make(null, "p", { class: "told", "aria-live": "polite" });
    const number = document.querySelectorAll(".timeline .help").length + 1;
    this.help = make(null, "p", { class: "help", id: `timeline-help-${number}` });
    this.help.textContent =
      "Arrow keys go from one utterance to the next and to other people, Home and End to the first and the last; + and − zoom, 0 shows the whole, Page Up and Page Down move." +
      (this.onChosen ? " Enter puts right what is chosen; Shift and the arrow keys choose a stretch." : "");
    for (const [name, value] of Object.entries({
      tabindex: "0",
      role: "application",
      "aria-roledescription": "timeline",
      "aria-label": this.figure.querySelector(".whole").getAttribute("aria-label"),
      "aria-describedby": this.help.id,
    }))
      this.stretch.setAttribute(name, value);
    const button = (text, label, act) => {
      const made = make(null, "button", { type: "button", ...(label ? { "aria-label": label } : {}) });
      made.textContent = text;
      made.addEventListener("click", act);
      return made;
    };
    this.buttons = {
      out: button("−", "Zoom out", () => this.zoom(1 / 2)),
      in: button("+", "Zoom in", () => this.zoom(2)),
      whole: button("Whole", "Show the whole", () => this.show(0, this.end)),
      earlier: button("◀", "Show what was earlier", () => this.move(-this.span / 2)),
      later: button("▶", "Show what was later", () => this.move(this.span / 2)),
    };
    const tools = make(null, "div", { class: "tools", role: "group", "aria-label": "Timeline" });
    tools.append(...Object.values(this.buttons));
    if (this.onChosen) {
      this.select = button("Choose a stretch", "", () => this.mode(!this.selecting));
      this.select.setAttribute("aria-pressed", "false");
      this.put = button("Put this right…", "", () => this.choose(this.put));
      this.put.disabled = true;
      tools.append(this.select, this.put);
    }
    this.figure.append(tools, this.told, this.help);
  }

  mode(selecting) {
    this.selecting = selecting;
    this.select.setAttribute("aria-pressed", String(selecting));
    this.stretch.classList.toggle("selecting", selecting);
  }

  // -- what part of it is seen ------------------------------------------------------------------

  get view() {
    return { start: this.start, span: this.span, at: this.said[this.at]?.start ?? null };
  }

  /** The same part as in an earlier picture of the same session. */
  restore({ start, span, at }) {
    this.show(start, span);
    if (at !== null) this.at = this.said.findIndex((one) => one.start >= at);
  }

  show(start, span) {
    const least = Math.min(LEAST_MS, this.end);
    this.span = Math.round(Math.min(this.end, Math.max(least, span)));
    this.start = Math.round(Math.min(this.end - this.span, Math.max(0, start)));
    this.soon();
  }

  move(ms) {
    const before = this.start;
    this.show(this.start + ms, this.span);
    return this.start !== before;
  }

  /** By this factor, about a moment that stays where it is. */
  zoom(by, about = this.middle()) {
    const part = (about - this.start) / this.span;
    const span = Math.min(this.end, Math.max(Math.min(LEAST_MS, this.end), this.span / by));
    this.show(about - part * span, span);
  }

  middle() {
    const one = this.said[this.at];
    const seen = one && one.end > this.start && one.start < this.start + this.span;
    return seen ? (Math.max(one.start, this.start) + Math.min(one.end, this.start + this.span)) / 2 : this.start + this.span / 2;
  }

  soon() {
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.frame = undefined;
    const percent = (ms) => `${((100 * ms) / this.span).toFixed(3)}%`;
    const stop = this.start + this.span;
    this.plot.setAttribute("viewBox", `${this.start} 0 ${this.span} ${this.height}`);
    for (const band of this.bands) {
      const from = Math.max(this.start, Number(band.dataset.start)); // its name stays in sight
      const to = Math.min(stop, Number(band.dataset.stop));
      band.setAttribute("x", percent(from - this.start));
      band.setAttribute("width", percent(Math.max(0, to - from)));
    }
    this.drawAxis(percent, stop);
    this.drawMarks();
    const cuts = this.cuts.filter((one) => one.at >= this.start && one.at <= stop).length;
    this.figure.classList.toggle("dense", cuts > Number(this.figure.dataset.many));
    this.buttons.in.disabled = this.span <= LEAST_MS;
    this.buttons.out.disabled = this.buttons.whole.disabled = this.span >= this.end;
    this.buttons.earlier.disabled = this.start <= 0;
    this.buttons.later.disabled = stop >= this.end;
  }

  drawAxis(percent, stop) {
    const most = Math.max(2, Math.floor(this.stretch.clientWidth / LABEL_PX));
    const step = 1000 * (STEPS_S.find((s) => this.span / (1000 * s) <= most) ?? STEPS_S.at(-1));
    const parts = [];
    const foot = this.height - Number(this.axis.dataset.foot) + 6;
    for (let at = Math.ceil(this.start / step) * step; at < stop; at += step) {
      const x = percent(at - this.start);
      parts.push(make(SVG, "line", { x1: x, x2: x, y1: Number(this.axis.dataset.top) - 4, y2: foot }));
      if (at - this.start < 0.93 * this.span) {
        const label = make(SVG, "text", { x, y: this.height - 5, dx: 2 });
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
    if (this.put) this.put.disabled = !chosen && !one;
  }

  // -- utterances -------------------------------------------------------------------------------

  /** To this utterance; it is read out. */
  go(place) {
    if (!this.said.length) return;
    this.at = Math.min(this.said.length - 1, Math.max(0, place));
    this.chosen = null;
    const one = this.said[this.at];
    if (one.start < this.start || one.end > this.start + this.span) {
      const length = one.end - one.start;
      this.show(length > this.span ? one.start : one.start - (this.span - length) / 2, this.span);
    }
    this.tell(this.telling(one));
    this.soon();
  }

  /** The utterance of the lane above (-1) or below (1) that is nearest in time. */
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

  tell(text) {
    this.told.textContent = text;
  }

  // -- choosing a stretch -----------------------------------------------------------------------

  /** From `anchor` to `head`, in one lane or (null) in all. */
  mark(anchor, head, lane) {
    const held = (ms) => Math.round(Math.min(this.end, Math.max(0, ms)));
    const [start, end] = [held(Math.min(anchor, head)), held(Math.max(anchor, head))];
    this.chosen = { start, end, anchor: held(anchor), head: held(head), lane };
    const whose = lane === null ? "Everyone" : this.lanes[lane].told;
    this.tell(`Chosen: ${whose} · ${clock(start)} to ${clock(end)} · ${lasting(end - start)}`);
    this.soon();
  }

  /** With Shift and the arrow keys: the far end goes on by a fortieth of what is seen. */
  stretchBy(sign) {
    const one = this.said[this.at];
    if (!this.chosen) {
      if (!one) return;
      this.chosen = { anchor: one.start, head: one.end, lane: one.lane };
    }
    const step = Math.max(100, Math.round(this.span / 4000) * 100);
    const { anchor, head, lane } = this.chosen;
    const to = head + sign * step;
    if (to < this.start || to > this.start + this.span) this.move(sign * (this.span / 4));
    this.mark(anchor, to, lane);
  }

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
    this.gone = new AbortController();
    at.addEventListener("keydown", (event) => this.key(event));
    at.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    at.addEventListener("pointerdown", (event) => this.down(event));
    at.addEventListener("pointermove", (event) => this.moved(event));
    at.addEventListener("pointerup", (event) => this.up(event));
    at.addEventListener("pointercancel", (event) => this.up(event));
    at.addEventListener("pointerleave", () => this.point(null));
    at.addEventListener("dblclick", () => this.choose(at));
    this.watch = new ResizeObserver(() => this.soon());
    this.watch.observe(at);
    const { signal } = this.gone;
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

  key(event) {
    if (event.metaKey || event.altKey) return;
    const none = this.at < 0;
    const sideways = (sign) => {
      if (event.ctrlKey) this.move((sign * this.span) / 8);
      else if (event.shiftKey) this.stretchBy(sign);
      else this.go(none ? this.first() : this.at + sign);
    };
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

  wheel(event) {
    if (event.ctrlKey) {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 200), this.when(event.clientX));
      return;
    }
    const across = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
    if (Math.abs(across) > Math.abs(event.shiftKey ? 0 : event.deltaY) && this.move((across / this.stretch.clientWidth) * this.span)) event.preventDefault();
  }

  down(event) {
    if (event.button !== 0) return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.stretch.setPointerCapture(event.pointerId);
    const select = Boolean(this.onChosen) && (this.selecting || event.shiftKey);
    const at = this.when(event.clientX);
    this.drag = { x: event.clientX, start: this.start, at, select, lane: this.laneAt(event.clientY)?.number ?? null, far: false };
    if (this.pointers.size === 2) this.pinch = { apart: this.apart(), span: this.span, about: this.when(this.between()) };
  }

  moved(event) {
    if (!this.pointers.has(event.pointerId)) return this.point(event);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.drag.far ||= Math.abs(event.clientX - this.drag.x) > MOVED_PX;
    if (this.pinch && this.pointers.size === 2) {
      this.drag.far = true;
      const span = (this.pinch.span * this.pinch.apart) / Math.max(1, this.apart());
      const held = Math.min(this.end, Math.max(Math.min(LEAST_MS, this.end), span));
      this.show(this.pinch.about - this.part(this.between()) * held, held);
    } else if (this.drag.far && this.drag.select) {
      this.mark(this.drag.at, this.when(event.clientX), this.drag.lane);
    } else if (this.drag.far && !this.pinch) {
      this.show(this.drag.start - ((event.clientX - this.drag.x) / this.stretch.clientWidth) * this.span, this.span);
    }
    this.point(null);
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (!this.drag.far && event.type === "pointerup") {
      const one = this.under(event);
      if (one?.lane !== undefined) this.go(this.said.indexOf(one));
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

  part(clientX) {
    const box = this.stretch.getBoundingClientRect();
    return Math.min(1, Math.max(0, (clientX - box.left) / box.width));
  }

  when(clientX) {
    return this.start + this.part(clientX) * this.span;
  }

  laneAt(clientY) {
    const y = clientY - this.stretch.getBoundingClientRect().top;
    return this.lanes.find((lane) => y >= lane.top - 14 && y <= lane.top + lane.bar + 3);
  }

  /** An utterance, a cut-in or a prompt at the pointer. */
  under(event) {
    const at = this.when(event.clientX);
    const y = event.clientY - this.stretch.getBoundingClientRect().top;
    const near = (NEAR_PX * this.span) / this.stretch.clientWidth;
    const mark = [...this.cuts, ...this.prompts].find((one) => Math.abs(one.at - at) <= near && Math.abs(one.y - y) <= NEAR_PX);
    if (mark) return mark;
    const found = closest(this.laneAt(event.clientY)?.said ?? [], at);
    return found && at >= found.start - near && at <= found.end + near ? found : undefined;
  }

  point(event) {
    const one = event && event.pointerType !== "touch" ? this.under(event) : undefined;
    this.tip.hidden = !one;
    if (!one) return;
    const text = one.text ?? this.telling(one);
    if (this.tip.textContent !== text) this.tip.textContent = text;
    const box = this.stretch.getBoundingClientRect();
    const left = Math.min(event.clientX - box.left + 12, box.width - this.tip.offsetWidth);
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${event.clientY - box.top + 18}px`;
  }
}

function make(space, tag, attributes) {
  const element = space ? document.createElementNS(space, tag) : document.createElement(tag);
  give(element, attributes);
  return element;
}

function give(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

/** The bars of a path, as they were drawn. */
function stretches(path) {
  return [...path.getAttribute("d").matchAll(/M(\d+) \d+h(\d+)/g)].map(([, start, length]) => ({ start: Number(start), end: Number(start) + Number(length) }));
}

function moments(path) {
  return [...path.getAttribute("d").matchAll(/M(\d+) (\d+)/g)].map(([, at, y]) => ({ at: Number(at), y: Number(y) }));
}

/** One voice's pieces, those with hardly a pause between them made one; how sure is the mean. */
function utterances(pieces, lane) {
  const found = [];
  for (const piece of pieces) {
    const last = found.at(-1);
    if (last && last.counted === piece.counted && piece.start - last.end < PAUSE_MS) {
      const [one, other] = [last.end - last.start, piece.end - piece.start];
      last.sure = last.sure === null ? null : Math.round((last.sure * one + piece.sure * other) / Math.max(1, one + other));
      last.end = piece.end;
    } else found.push({ ...piece, lane });
  }
  return found;
}

/** Of stretches in order: the one at this moment, else the nearest. */
function closest(said, at) {
  let [low, high] = [0, said.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (said[middle].end < at) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [said[low - 1], said[low]];
  if (!before || !after) return before ?? after;
  return at - before.end < Math.max(0, after.start - at) ? before : after;
}

/** `4:12`, from an hour on `1:04:12`. */
function clock(ms) {
  const two = (number) => String(number).padStart(2, "0");
  const whole = Math.round(ms / 1000);
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function lasting(ms) {
  return ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : ms < 59500 ? `${Math.round(ms / 1000)} s` : `${clock(ms)} min`;
}

for (const figure of document.querySelectorAll("figure.timeline")) timeline(figure);
