// The session: who has the floor and for how long, everyone's ring, what was said, what can be asked for.

import { calm, h, keyed, left, length, listed, put, say, shown } from "./dom.js";
import { dialogs } from "./dialogs.js";
import { Awake } from "./awake.js";
import { changeRing, ring } from "./rings.js";
import { summaryOf } from "./summary.js";

const FIRST = ["next", "pass", "more-time", "pause", "go-on", "decline"];

export class SessionScreen {
  constructor(place, { order, notice }) {
    this.order = order;
    this.notice = notice;
    this.state = null;
    this.guess = null;
    this.ended = false;
    this.awake = new Awake();
    this.dialogs = dialogs(order);
    this.keys = (event) => this.key(event);
    document.addEventListener("keydown", this.keys);
    this.build(place);
  }

  leave() {
    document.removeEventListener("keydown", this.keys);
    this.awake.end();
  }

  named(name) {
    this.root.classList.toggle("told", name === "summary");
    if (name === "summary") {
      this.done = true;
      this.awake.end();
      this.refresh();
    }
  }

  over() {
    this.ended = true;
    this.awake.end();
    for (const button of this.root.querySelectorAll("footer button, .asked button, .asked input")) button.disabled = true;
  }

  tell(topic, body) {
    if (topic === "session") {
      this.state = body;
      this.refresh();
    } else if (topic === "summary") {
      this.summary = body;
      this.told.replaceChildren(...summaryOf(body));
      if (this.state) this.refresh();
    }
  }

  // -- building ---------------------------------------------------------------------------------

  build(place) {
    this.stage = h("span", { class: "stage" });
    this.round = h("span", { class: "soft" });
    this.quiet = h("span", { class: "badge", hidden: true }, "Quiet: nothing is said unasked");
    this.unheard = h("span", { class: "badge", hidden: true }, "Nobody is listened to");
    this.clock = h("span", { class: "clock soft", "aria-label": "Time since the beginning" });
    this.mode = h("button", { type: "button", class: "small plain", onclick: () => this.turnMode() });
    this.full = h("button", { type: "button", class: "small plain", onclick: () => this.fullScreen() });
    this.who = h("h1", { class: "who" });
    this.has = h("p", { class: "has soft" });
    this.time = h("p", { class: "time", role: "timer" });
    this.timeWords = h("p", { class: "time-words soft" });
    this.now = h("p", { class: "now" });
    this.mark = h("p", { class: "mark soft", role: "status" });
    this.rings = h("ul", { class: "rings", "aria-label": "Everyone" });
    this.said = h("p", { class: "said", "aria-label": "Said last" });
    this.queue = h("p", { class: "queue soft", hidden: true });
    this.choices = h("div", { class: "choices", role: "group", "aria-label": "Answers" });
    this.asked = h("section", { class: "asked", hidden: true }, this.slider(), this.choices);
    this.told = h("article", { class: "summary", hidden: true });
    this.first = h("div", { class: "buttons first" });
    this.second = h("div", { class: "buttons" });
    this.hero = h("section", { class: "hero" }, h("div", { class: "names" }, this.who, this.has), h("div", { class: "figures" }, this.time, this.timeWords));
    this.root = h(
      "div",
      { class: "session" },
      h("header", {}, this.stage, this.round, this.clock, this.quiet, this.unheard, h("span", { class: "gap" }), this.mode, this.full),
      this.hero,
      (this.moment = h("div", { class: "moment" }, this.now, this.mark)),
      this.rings,
      (this.words = h("div", { class: "words" }, this.said, this.queue)),
      this.asked,
      this.told,
      h("footer", {}, this.first, this.second),
    );
    place.replaceChildren(this.root, ...this.dialogs.elements);
    document.addEventListener("fullscreenchange", () => this.nameFull());
    this.nameFull();
  }

  slider() {
    this.range = h("input", { type: "range", id: "guess", oninput: () => this.guessed() });
    this.guessOut = h("output", { for: "guess", class: "guess-figure" });
    const step = (by) => () => {
      this.range.value = Number(this.range.value) + by * Number(this.range.step);
      this.guessed();
    };
    this.sliderBlock = h(
      "form",
      { class: "slider", hidden: true, onsubmit: (event) => { event.preventDefault(); this.answer(Number(this.range.value)); } },
      (this.guessLabel = h("label", { for: "guess", class: "soft" })),
      this.guessOut,
      h("div", { class: "row" },
        h("button", { type: "button", class: "plain", "aria-label": "Less", onclick: step(-1) }, "−"),
        this.range,
        h("button", { type: "button", class: "plain", "aria-label": "More", onclick: step(1) }, "+"),
      ),
      h("button", { type: "submit", class: "main" }, "That is my guess ", h("kbd", {}, "Enter")),
    );
    return this.sliderBlock;
  }

  guessed() {
    put(this.guessOut, `${this.range.value} %`);
  }

  // -- what is ----------------------------------------------------------------------------------

  refresh() {
    const state = this.state;
    if (!state) return;
    const closing = state.stage_kind === "closing" || Boolean(this.done);
    put(this.stage, this.done ? "The end" : state.stage);
    put(this.round, state.round ? `round ${state.round}${state.rounds ? ` of ${state.rounds}` : ""}` : "");
    shown(this.quiet, state.quiet && !this.done);
    shown(this.unheard, !state.listening);
    put(this.clock, length(state.at_s));
    this.refreshHero(state, closing);
    this.refreshNow(state, closing);
    this.refreshRings(state, closing);
    put(this.said, this.done ? "" : state.said);
    this.said.lang = state.language;
    this.stage.lang = this.done ? "en" : state.language;
    put(this.queue, state.queue.length ? `Would like to speak: ${state.queue.join(", ")}` : "");
    shown(this.queue, state.queue.length > 0);
    shown(this.moment, !this.done);
    shown(this.words, !this.done);
    this.refreshChoices(state);
    shown(this.told, closing && Boolean(this.summary));
    this.refreshButtons(state);
    this.notice("microphone", state.away && !this.ended ? "The microphone is gone: check that it is plugged in. Time goes on, and I listen again when it is back." : "");
    this.notice("trouble", state.trouble && !state.away && !this.ended && !this.done ? state.trouble : "");
    if (!state.ended && !this.ended) this.awake.begin();
    this.tellChanges(state);
  }

  refreshHero(state, closing) {
    const asked = state.choices.length > 0 && state.stage_kind !== "talk" && state.stage_kind !== "turns";
    let name = "";
    let has = "";
    if (state.paused) [name, has] = ["Paused", "The time stands still."];
    else if (state.floor && state.stage_kind === "opening") [name, has] = [state.floor, "say a few sentences, please"];
    else if (state.floor && asked) [name, has] = [state.floor, "is asked"];
    else if (state.floor) [name, has] = [state.floor, "has the floor"];
    else if (state.speaking.length && !state.own_voice) [name, has] = [listed(state.speaking), ""];
    if (state.next && !state.ended) has += `${has ? " · " : ""}next: ${state.next}`;
    put(this.who, name);
    put(this.has, has);
    const timed = !state.paused && state.stage_kind !== "opening" && !asked && (state.floor !== null || state.left_s !== null);
    const over = timed && state.left_s !== null && state.left_s <= 0;
    put(this.time, !timed ? "" : state.left_s === null ? length(state.used_s) : left(state.left_s));
    const learning = state.stage_kind === "opening" && !state.paused && state.people.find((person) => person.state === "asked");
    if (learning) put(this.time, `${Math.round(100 * learning.enrolled)} %`);
    this.time.classList.toggle("learning", Boolean(learning));
    put(this.timeWords, learning ? "of the voice learned" : !timed ? "" : state.left_s === null ? "so far" : over ? "time is up" : state.left_s <= 60 ? "last minute" : "left");
    this.hero.classList.toggle("up", over);
    this.hero.classList.toggle("timed", timed);
    shown(this.hero, !closing && !(asked && !name));
    this.hero.classList.toggle("long", name.length > 14);
  }

  refreshNow(state, closing) {
    const guest = state.guest ? ["a guest"] : [];
    const speaking = [...state.speaking, ...guest];
    let now = "";
    if (this.done || state.ended) now = "";
    else if (state.own_voice) now = "The facilitator is speaking";
    else if (speaking.length) now = `${listed(speaking)} ${speaking.length > 1 ? "are" : "is"} speaking`;
    else if (state.someone) now = "Somebody is speaking";
    else if (state.listening && !state.away) now = "Nobody is speaking";
    put(this.now, now);
    this.now.classList.toggle("on", !state.own_voice && (speaking.length > 0 || state.someone));
    const mark = state.marks.at(-1);
    put(this.mark, mark && !closing ? `${mark.by} came in while ${mark.over} spoke` : "");
  }

  refreshRings(state, closing) {
    shown(this.rings, !closing);
    keyed(
      this.rings,
      state.people,
      (person) => person.name,
      (person) => ring(person, (name) => this.order("hand", { person: name })),
      (element, person) => changeRing(element, person, state),
    );
    this.rings.dataset.many = state.people.length > 6 ? "many" : "few";
    const speech = state.stage_kind === "opening" || state.stage_kind === "rate";
    shown(this.mode, !speech && state.listening && !closing);
    if (this.mode.dataset.mode !== state.airtime) {
      this.mode.dataset.mode = state.airtime;
      this.mode.replaceChildren(`Airtime: ${state.airtime} `, h("kbd", {}, "v"));
    }
  }

  refreshChoices(state) {
    const choices = this.ended || this.done ? [] : state.choices;
    shown(this.asked, choices.length > 0);
    const slider = choices.length ? state.slider : null;
    this.root.classList.toggle("asking", choices.length > 0);
    this.root.classList.toggle("asking-much", slider !== null || choices.length > 6);
    shown(this.sliderBlock, slider !== null);
    shown(this.choices, slider === null);
    // A slider keeps where it stands when its own question is said.
    const question = choices.length ? `${state.floor ?? ""}/${slider ? "" : state.said}/${choices.length}` : "";
    if (slider && this.question !== question) {
      Object.assign(this.range, { min: slider.least, max: slider.most, step: slider.step });
      put(this.guessLabel, `${state.floor ? `${state.floor}, what` : "What"} share of the talk do you think was yours?`);
      this.range.value = Math.round(100 / Math.max(1, state.people.length) / slider.step) * slider.step;
      this.guessed();
      if (!this.dialogs.open()) this.range.focus();
    }
    this.question = question;
    keyed(
      this.choices,
      slider === null ? choices : [],
      (choice) => `${choice.value} ${choice.key} ${choice.label}`,
      (choice) =>
        h("button", { type: "button", class: "choice", lang: state.language, onclick: (event) => { calm(event); this.answer(choice.value); } },
          ...(choice.label === choice.key ? [choice.label] : [`${choice.label} `, choice.key ? h("kbd", {}, choice.key) : null]).filter(Boolean)),
    );
  }

  refreshButtons(state) {
    const make = (button) => h("button", { type: "button", onclick: (event) => { calm(event); this.press(button.command); } });
    const change = (element, button) => {
      if (element.dataset.label === button.label) return;
      element.dataset.label = button.label;
      element.replaceChildren(`${button.label} `, h("kbd", {}, button.key));
      element.setAttribute("aria-keyshortcuts", button.key === "space" ? "Space" : button.key);
    };
    const buttons = this.ended || state.ended || this.done ? [] : state.buttons;
    const first = (button) => FIRST.includes(button.command);
    keyed(this.first, buttons.filter(first), (button) => button.command, make, change);
    keyed(this.second, buttons.filter((button) => !first(button)), (button) => button.command, make, change);
  }

  /** For those who listen to the page instead of looking at it: whose turn it is, and what was said. */
  tellChanges(state) {
    const now = [state.floor ? `${state.floor} ${this.has.textContent}` : state.paused ? "Paused" : "", state.own_voice ? "" : state.said].filter(Boolean).join(". ");
    if (now !== this.toldNow && !this.done) {
      this.toldNow = now;
      say(now);
      document.title = state.floor ? `${state.floor} – Facilitator` : "Facilitator";
    }
  }

  // -- what is asked for ------------------------------------------------------------------------

  press(command) {
    if (command === "note") this.dialogs.note();
    else if (command === "finish" && this.state?.stage_kind !== "closing") this.dialogs.finish();
    else this.order(command);
  }

  answer(value) {
    this.order("answer", { value });
  }

  turnMode() {
    this.order("airtime");
  }

  key(event) {
    const state = this.state;
    const target = event.target;
    const typing = target.matches?.("input:not([type=range]), textarea, select");
    if (!state || typing || event.ctrlKey || event.metaKey || event.altKey || this.dialogs.open() || this.ended || this.done) return;
    const pressed = event.key === " " ? "space" : event.key === "=" ? "+" : event.key.toLowerCase();
    if (["space", "enter"].includes(pressed) && target.closest?.("button, summary")) return; // the button itself is meant
    const slider = !this.sliderBlock.hidden;
    const choice = state.choices.find((one) => one.key && one.key === pressed);
    const seat = /^[1-9]$/.test(pressed) && state.hands && state.people[Number(pressed) - 1];
    const button = state.buttons.find((one) => one.key === (pressed === "enter" ? "space" : pressed));
    if (slider && pressed === "enter") this.answer(Number(this.range.value));
    else if (slider && choice) {
      this.range.value = choice.value;
      this.guessed();
    } else if (choice) this.answer(choice.value);
    else if (seat) this.order("hand", { person: seat.name });
    else if (button) this.press(button.command);
    else if (pressed === "v" && !this.mode.hidden) this.turnMode();
    else if (pressed === "f") this.fullScreen();
    else return;
    event.preventDefault();
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
  }

  nameFull() {
    this.full.replaceChildren(document.fullscreenElement ? "Leave full screen " : "Full screen ", h("kbd", {}, "f"));
    shown(this.full, Boolean(document.fullscreenEnabled));
  }
}
