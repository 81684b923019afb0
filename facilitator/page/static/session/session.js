// @ts-check
// The session: who has the floor and for how long, everyone's ring, what was said, what can be asked for.

import { calm, h, inside, keyed, length, put, say, shown } from "../shared/dom.js";
import { isolated } from "../shared/isolated.js";
import { dialogs } from "../shared/dialogs.js";
import { Awake } from "./awake.js";
import { meant, nameOf } from "./keys.js";
import { label } from "../shared/labels.js";
import { moodOf, see, turnView, viewNow } from "../shared/views.js";
import { layout } from "./layout.js";
import { changeRing, ring } from "./rings.js";
import { floorText, isAsked, isHeard, markText, nowText, questionOf, readOut, roundText, timeText } from "./state_text.js";
import { Tour } from "./tour.js";
import { afterwards, summaryOf } from "./summary.js";

/** @typedef {import("../shared/messages.js").Session} Session */
/** @typedef {import("../shared/messages.js").Choice} Choice */
/** @typedef {import("../shared/messages.js").Button} Button */

const FIRST = ["next", "pass", "more-time", "pause", "go-on"];
const MUCH_SAID = 160; // letters

/** @param {Button} button
 * @param {Session} state */
function calledNow({ command }, state) {
  if (command === "was" && state.last) return label("button.was_not", { name: state.last });
  return label(`button.${command === "quiet" && state.quiet ? "speak" : command}`);
}

export class SessionScreen {
  /** @param {HTMLElement} place
   * @param {import("../shared/messages.js").Around} around */
  constructor(place, { order, notice, role, share }) {
    this.order = order;
    this.looks = role === "view"; // on another device, without a say
    this.leads = role === "host";
    this.notice = notice;
    /** @type {Session | null} */
    this.state = null;
    this.caption = "";
    /** @type {import("../shared/messages.js").Summary | null} */
    this.summary = null;
    this.after = h("div", { class: "buttons after" }); // what can be done once it is stored
    this.done = false;
    this.ended = false;
    this.question = "";
    this.toldNow = "";
    this.awake = new Awake();
    this.dialogs = dialogs(order);
    this.tour = new Tour(); // of the demonstration
    this.on = layout({ mode: () => this.turnMode(), full: () => this.fullScreen(), view: () => turnView(this.on.top.view), more: () => this.unfold(), answer: (value) => this.answer(value), share: share.button, help: share.help }, this.tour.element);
    this.keys = (/** @type {KeyboardEvent} */ event) => this.key(event);
    document.addEventListener("keydown", this.keys);
    place.replaceChildren(this.on.root, ...this.dialogs.elements);
    this.on.more.replaceChildren(`${label("more")} `, h("kbd", {}, "."));
    this.unfold(false);
    see(viewNow(), this.on.top.view);
    document.addEventListener("fullscreenchange", () => this.nameFull());
    this.nameFull();
  }

  leave() {
    document.removeEventListener("keydown", this.keys);
    this.awake.end();
    this.tour.end();
  }

  /** @param {string} name */
  named(name) {
    this.on.root.classList.toggle("told", name === "summary");
    if (name === "summary") {
      this.done = true;
      this.awake.end();
      this.refresh();
    }
  }

  over() {
    this.ended = true;
    this.awake.end();
    /** @type {NodeListOf<HTMLButtonElement | HTMLInputElement>} */
    const ways = this.on.root.querySelectorAll("footer button, .asked button, .asked input");
    for (const way of ways) way.disabled = true;
    this.after.replaceChildren();
  }

  /** @param {import("../shared/messages.js").Message} message */
  tell({ topic, body }) {
    if (topic === "session") {
      this.state = body;
      this.refresh();
    } else if (topic === "badge") {
      shown(put(this.on.top.badge, body), true);
    } else if (topic === "tour") {
      this.tour.begin(body);
    } else if (topic === "after") {
      this.after.replaceChildren(...afterwards(body, this.summary, this.order));
    } else if (topic === "caption") {
      this.caption = body;
      if (this.state) this.refreshWords(this.state);
    } else if (topic === "summary") {
      this.summary = body;
      this.on.told.replaceChildren(...summaryOf(body), this.after);
      if (this.state) this.refresh();
    }
  }

  // -- what is ----------------------------------------------------------------------------------

  refresh() {
    const state = this.state;
    if (!state) return;
    const closing = state.stage_kind === "closing" || this.done;
    this.on.root.dataset.mood = moodOf(state);
    this.refreshTop(state, closing);
    this.refreshHero(state, closing);
    this.refreshNow(state, closing);
    this.refreshRings(state, closing);
    this.refreshWords(state);
    this.refreshChoices(state);
    shown(this.on.told, closing && this.summary !== null);
    this.refreshButtons(state);
    this.refreshNotices(state);
    if (!state.ended && !this.ended) this.awake.begin();
    this.tellChanges(state);
    this.tour.tell(state);
  }

  /** @param {Session} state
   * @param {boolean} closing */
  refreshTop(state, closing) {
    const { stage, round, uncounted, quiet, unheard, clock, mode } = this.on.top;
    put(stage, this.done ? label("end") : state.stage);
    put(round, roundText(state));
    shown(uncounted, state.not_counted && !this.done);
    shown(quiet, state.quiet && !this.done);
    shown(unheard, !state.listening);
    put(clock, length(state.at_s));
    const speech = state.stage_kind === "opening" || state.stage_kind === "rate";
    shown(mode, !speech && state.listening && !closing && this.leads);
    if (mode.dataset.mode !== state.airtime) {
      mode.dataset.mode = state.airtime;
      mode.replaceChildren(`${label(`airtime.${state.airtime}`)} `, h("kbd", {}, "v"));
    }
  }

  /** @param {Session} state
   * @param {boolean} closing */
  refreshHero(state, closing) {
    const { hero, who, has, time, timeWords } = this.on;
    const [name, what] = floorText(state);
    const { figure, words, timed, over, learning } = timeText(state);
    put(who, name);
    put(has, what);
    put(time, figure);
    put(timeWords, words);
    time.classList.toggle("learning", learning);
    hero.classList.toggle("up", over);
    hero.classList.toggle("timed", timed);
    hero.classList.toggle("long", name.length > 14);
    this.on.map.tell(closing ? { ...state, ties: null } : state);
    shown(hero, !closing && !(isAsked(state) && !name));
  }

  /** @param {Session} state
   * @param {boolean} closing */
  refreshNow(state, closing) {
    put(this.on.now, this.done ? "" : nowText(state));
    this.on.now.classList.toggle("on", isHeard(state));
    put(this.on.mark, closing ? "" : markText(state));
    shown(this.on.moment, !this.done);
  }

  /** @param {Session} state
   * @param {boolean} closing */
  refreshRings(state, closing) {
    shown(this.on.rings, !closing);
    keyed(
      this.on.rings,
      state.people,
      (person) => person.name,
      (person) => ring(person, (name) => this.order("hand", { person: name })),
      (element, person) => changeRing(element, person, state, state.hands && !state.ended && !this.looks),
    );
    this.on.rings.dataset.many = state.people.length > 6 ? "many" : "few";
  }

  /** @param {Session} state */
  refreshWords(state) {
    const own = state.said ? label("quoted", { text: state.said }) : "";
    const said = this.caption && !state.own_voice && !state.choices.length ? this.caption : own;
    this.on.root.classList.toggle("said-much", !this.done && said.length > MUCH_SAID);
    this.on.root.lang = state.language;
    put(this.on.said, this.done ? "" : said);
    put(this.on.queue, state.queue.length ? label("queue", { names: state.queue.join(", ") }) : "");
    shown(this.on.queue, state.queue.length > 0);
    shown(this.on.words, !this.done);
  }

  /** @param {Session} state */
  refreshChoices(state) {
    const choices = this.ended || this.done || this.looks ? [] : state.choices;
    const slider = choices.length ? state.slider : null;
    shown(this.on.asked, choices.length > 0);
    this.on.root.classList.toggle("asking", choices.length > 0);
    this.on.root.classList.toggle("asking-much", slider !== null || choices.length > 6);
    shown(this.on.slide.form, slider !== null);
    shown(this.on.choices, slider === null);
    const question = choices.length ? questionOf(state) : "";
    if (slider && this.question !== question) this.beginSlider(state, slider);
    this.question = question;
    keyed(
      this.on.choices,
      slider === null ? choices : [],
      (choice) => `${choice.value} ${choice.key} ${choice.label}`,
      (choice) => this.choice(choice, state.language),
    );
  }

  /** @param {Session} state
   * @param {{ least: number, most: number, step: number }} slider */
  beginSlider(state, slider) {
    const { range, question, begin } = this.on.slide;
    put(question, label(state.floor ? "guess.question_to" : "guess.question", { name: state.floor }));
    begin(slider);
    if (!this.dialogs.open()) range.focus();
  }

  /** @param {Choice} choice
   * @param {string} lang */
  choice(choice, lang) {
    const words = choice.label === choice.key ? [choice.label] : [`${choice.label} `, choice.key ? h("kbd", {}, choice.key) : null];
    return h("button", { type: "button", class: "choice", lang, onclick: (event) => { calm(event); this.answer(choice.value); } }, ...words);
  }

  /** @param {Session} state */
  refreshButtons(state) {
    /** @param {Button} button */
    const make = (button) => h("button", { type: "button", onclick: (event) => { calm(event); this.press(button.command); } });
    /** @param {HTMLElement} element
     * @param {Button} button */
    const change = (element, button) => {
      const called = calledNow(button, state);
      if (element.dataset.label === called) return;
      element.dataset.label = called;
      element.replaceChildren(`${called} `, h("kbd", {}, button.key === "space" ? label("key.space") : button.key));
      element.setAttribute("aria-keyshortcuts", button.key === "space" ? "Space" : button.key);
    };
    const buttons = this.ended || state.ended || this.done || this.looks ? [] : state.buttons;
    /** @param {Button} button */
    const first = (button) => FIRST.includes(button.command);
    keyed(this.on.first, buttons.filter(first), (button) => button.command, make, change);
    const further = buttons.filter((button) => !first(button));
    keyed(this.on.second, further, (button) => button.command, make, change);
    shown(this.on.more, further.length > 0);
    if (!further.length) this.unfold(false);
  }

  /** Shows what is asked for less often, where there is not room for it all the time.
   * @param {boolean} yes */
  unfold(yes = !this.on.footer.classList.contains("unfolded")) {
    this.on.footer.classList.toggle("unfolded", yes);
    this.on.more.setAttribute("aria-expanded", String(yes));
    if (yes && document.activeElement === this.on.more) inside(this.on.second, "button").focus();
  }

  /** @param {Session} state */
  refreshNotices(state) {
    this.notice("microphone", state.away && !this.ended ? label("microphone_gone") : "");
    this.notice("trouble", state.trouble && !state.away && !this.ended && !this.done ? state.trouble : "");
  }

  /** @param {Session} state */
  tellChanges(state) {
    const now = readOut(state);
    if (now !== this.toldNow && !this.done) {
      this.toldNow = now;
      say(now);
      document.title = state.floor ? isolated(label("page.title", { what: state.floor })) : label("page.facilitator");
    }
  }

  // -- what is asked for ------------------------------------------------------------------------

  /** @param {string} command */
  press(command) {
    this.unfold(false);
    if (command === "note") this.dialogs.note();
    else if (command === "here") this.dialogs.here();
    else if (command === "was" && this.state) this.dialogs.was(this.state);
    else if (command === "finish" && this.state?.stage_kind !== "closing") this.dialogs.finish();
    else this.order(command);
  }

  /** @param {number} value */
  answer(value) {
    this.order("answer", { value });
  }

  turnMode() {
    this.order("airtime");
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.state || !this.heeds(event)) return;
    const found = meant(nameOf(event.key), this.state, { slider: !this.on.slide.form.hidden, mode: !this.on.top.mode.hidden });
    if (!found) return;
    event.preventDefault();
    if (found.do === "answer-slider") this.on.slide.answered();
    else if (found.do === "slide") this.on.slide.set(found.value);
    else if (found.do === "answer") this.answer(found.value);
    else if (found.do === "hand") this.order("hand", { person: found.person });
    else if (found.do === "press") this.press(found.command);
    else if (found.do === "mode") this.turnMode();
    else if (found.do === "more") this.unfold();
    else if (found.do === "view") turnView(this.on.top.view);
    else this.fullScreen();
  }

  /** Whether a key is meant for the session: nobody types, no dialog is open, and no button is pressed with it.
   * @param {KeyboardEvent} event */
  heeds(event) {
    const target = event.target instanceof Element ? event.target : null;
    if (this.looks && !["f", "x"].includes(event.key)) return false;
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (this.dialogs.open() || this.ended || this.done) return false;
    if (target?.matches("input:not([type=range]), textarea, select")) return false;
    return !(["space", "enter"].includes(nameOf(event.key)) && target?.closest("button, summary"));
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
  }

  nameFull() {
    const { full } = this.on.top;
    full.replaceChildren(`${label(document.fullscreenElement ? "leave_full_screen" : "full_screen")} `, h("kbd", {}, "f"));
    shown(full, Boolean(document.fullscreenEnabled));
  }
}
