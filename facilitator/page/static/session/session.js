// The session: who has the floor and for how long, everyone's ring, what was said, what can be asked for.

import { calm, h, keyed, left, length, listed, put, say, shown } from "../shared/dom.js";
import { dialogs } from "../shared/dialogs.js";
import { Awake } from "./awake.js";
import { label } from "../shared/labels.js";
import { changeRing, ring } from "./rings.js";
import { summaryOf } from "./summary.js";

const FIRST = ["next", "pass", "more-time", "pause", "go-on"];
const MUCH_SAID = 160; // letters

export class SessionScreen {
  constructor(place, { order, notice, role, share }) {
    this.order = order;
    this.looks = role === "view"; // on another device, without a say
    this.leads = role === "host";
    this.share = share;
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
    } else if (topic === "badge") {
      shown(put(this.badge, body), true);
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
    this.badge = h("span", { class: "badge", hidden: true });
    this.quiet = h("span", { class: "badge", hidden: true }, label("quiet_badge"));
    this.unheard = h("span", { class: "badge", hidden: true }, label("unheard"));
    this.clock = h("span", { class: "clock soft", "aria-label": label("clock") });
    this.mode = h("button", { type: "button", class: "small plain", onclick: () => this.turnMode() });
    this.full = h("button", { type: "button", class: "small plain", onclick: () => this.fullScreen() });
    this.who = h("h1", { class: "who" });
    this.has = h("p", { class: "has soft" });
    this.time = h("p", { class: "time", role: "timer" });
    this.timeWords = h("p", { class: "time-words soft" });
    this.now = h("p", { class: "now" });
    this.mark = h("p", { class: "mark soft", role: "status" });
    this.rings = h("ul", { class: "rings", "aria-label": label("everyone") });
    this.said = h("p", { class: "said", "aria-label": label("said_last") });
    this.queue = h("p", { class: "queue soft", hidden: true });
    this.choices = h("div", { class: "choices", role: "group", "aria-label": label("answers") });
    this.asked = h("section", { class: "asked", hidden: true }, this.slider(), this.choices);
    this.told = h("article", { class: "summary", lang: "en", hidden: true });
    this.first = h("div", { class: "buttons first" });
    this.second = h("div", { class: "buttons" });
    this.hero = h("section", { class: "hero" }, h("div", { class: "names" }, this.who, this.has), h("div", { class: "figures" }, this.time, this.timeWords));
    this.root = h(
      "div",
      { class: "session" },
      h("header", {}, this.stage, this.round, this.clock, this.badge, this.quiet, this.unheard, h("span", { class: "gap" }), this.mode, this.share.button, this.full),
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
        h("button", { type: "button", class: "plain", "aria-label": label("guess.less"), onclick: step(-1) }, "−"),
        this.range,
        h("button", { type: "button", class: "plain", "aria-label": label("guess.more"), onclick: step(1) }, "+"),
      ),
      h("button", { type: "submit", class: "main" }, `${label("guess.done")} `, h("kbd", {}, "Enter")),
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
    put(this.stage, this.done ? label("end") : state.stage);
    put(this.round, state.round ? label(state.rounds ? "round_of" : "round", { number: state.round, of: state.rounds }) : "");
    shown(this.quiet, state.quiet && !this.done);
    shown(this.unheard, !state.listening);
    put(this.clock, length(state.at_s));
    this.refreshHero(state, closing);
    this.refreshNow(state, closing);
    this.refreshRings(state, closing);
    put(this.said, this.done ? "" : state.said);
    this.root.classList.toggle("said-much", !this.done && state.said.length > MUCH_SAID);
    this.root.lang = state.language;
    put(this.queue, state.queue.length ? label("queue", { names: state.queue.join(", ") }) : "");
    shown(this.queue, state.queue.length > 0);
    shown(this.moment, !this.done);
    shown(this.words, !this.done);
    this.refreshChoices(state);
    shown(this.told, closing && Boolean(this.summary));
    this.refreshButtons(state);
    this.notice("microphone", state.away && !this.ended ? label("microphone_gone") : "");
    this.notice("trouble", state.trouble && !state.away && !this.ended && !this.done ? state.trouble : "");
    if (!state.ended && !this.ended) this.awake.begin();
    this.tellChanges(state);
  }

  refreshHero(state, closing) {
    const asked = state.choices.length > 0 && state.stage_kind !== "talk" && state.stage_kind !== "turns";
    let name = "";
    let has = "";
    if (state.paused) [name, has] = [label("floor.paused"), label("floor.stands_still")];
    else if (state.floor && state.stage_kind === "opening" && !asked) [name, has] = [state.floor, label("floor.introduce")];
    else if (state.floor && asked) [name, has] = [state.floor, label("floor.asked")];
    else if (state.floor) [name, has] = [state.floor, label("floor.has")];
    else if (state.speaking.length && !state.own_voice) [name, has] = [listed(state.speaking, label("and")), ""];
    if (state.next && !state.ended) has += `${has ? " · " : ""}${label("floor.next", { name: state.next })}`;
    put(this.who, name);
    put(this.has, has);
    const timed = !state.paused && state.stage_kind !== "opening" && !asked && (state.floor !== null || state.left_s !== null);
    const over = timed && state.left_s !== null && state.left_s <= 0;
    put(this.time, !timed ? "" : state.left_s === null ? length(state.used_s) : left(state.left_s));
    const learning = state.stage_kind === "opening" && !state.paused && !asked && state.people.find((person) => person.state === "asked");
    if (learning) put(this.time, `${Math.round(100 * learning.enrolled)} %`);
    this.time.classList.toggle("learning", Boolean(learning));
    put(this.timeWords, learning ? label("time.learned") : !timed ? "" : label(state.left_s === null ? "time.so_far" : over ? "time.up" : state.left_s <= 60 ? "time.last_minute" : "time.left"));
    this.hero.classList.toggle("up", over);
    this.hero.classList.toggle("timed", timed);
    shown(this.hero, !closing && !(asked && !name));
    this.hero.classList.toggle("long", name.length > 14);
  }

  refreshNow(state, closing) {
    const guest = state.guest ? [label("now.guest")] : [];
    const speaking = [...state.speaking, ...guest];
    let now = "";
    if (this.done || state.ended) now = "";
    else if (state.own_voice) now = label("now.own_voice");
    else if (speaking.length) now = label(speaking.length > 1 ? "now.several" : "now.one", { names: listed(speaking, label("and")) });
    else if (state.someone) now = label("now.somebody");
    else if (state.listening && !state.away) now = label("now.nobody");
    put(this.now, now);
    this.now.classList.toggle("on", !state.own_voice && (speaking.length > 0 || state.someone));
    const mark = state.marks.at(-1);
    put(this.mark, mark && !closing ? label("now.cut_in", mark) : "");
  }

  refreshRings(state, closing) {
    shown(this.rings, !closing);
    keyed(
      this.rings,
      state.people,
      (person) => person.name,
      (person) => ring(person, (name) => this.order("hand", { person: name })),
      (element, person) => changeRing(element, person, state, state.hands && !state.ended && !this.looks),
    );
    this.rings.dataset.many = state.people.length > 6 ? "many" : "few";
    const speech = state.stage_kind === "opening" || state.stage_kind === "rate";
    shown(this.mode, !speech && state.listening && !closing && this.leads);
    if (this.mode.dataset.mode !== state.airtime) {
      this.mode.dataset.mode = state.airtime;
      this.mode.replaceChildren(`${label(`airtime.${state.airtime}`)} `, h("kbd", {}, "v"));
    }
  }

  refreshChoices(state) {
    const choices = this.ended || this.done || this.looks ? [] : state.choices;
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
      put(this.guessLabel, label(state.floor ? "guess.question_to" : "guess.question", { name: state.floor }));
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
      const called = label(`button.${button.command === "quiet" && state.quiet ? "speak" : button.command}`);
      if (element.dataset.label === called) return;
      element.dataset.label = called;
      element.replaceChildren(`${called} `, h("kbd", {}, button.key === "space" ? label("key.space") : button.key));
      element.setAttribute("aria-keyshortcuts", button.key === "space" ? "Space" : button.key);
    };
    const buttons = this.ended || state.ended || this.done || this.looks ? [] : state.buttons;
    const first = (button) => FIRST.includes(button.command);
    keyed(this.first, buttons.filter(first), (button) => button.command, make, change);
    keyed(this.second, buttons.filter((button) => !first(button)), (button) => button.command, make, change);
  }

  /** For those who listen to the page instead of looking at it: whose turn it is, and what was said. */
  tellChanges(state) {
    const now = [state.floor ? `${state.floor} ${this.has.textContent}` : state.paused ? label("floor.paused") : "", state.own_voice ? "" : state.said].filter(Boolean).join(". ");
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
    if (this.looks && event.key !== "f") return;
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
    this.full.replaceChildren(`${label(document.fullscreenElement ? "leave_full_screen" : "full_screen")} `, h("kbd", {}, "f"));
    shown(this.full, Boolean(document.fullscreenEnabled));
  }
}
