// @ts-check
// Setting up: who is here, which form, can you be heard. Three steps, each usable with the keyboard alone.

import { h, put, say, shown } from "../shared/dom.js";
import { Check } from "./setup_check.js";
import { Which } from "./setup_which.js";
import { Who } from "./setup_who.js";

const STEPS = ["Who is here?", "Which form?", "Can I hear you?"];
const NEXT = ["Next: kind of talk", "Next: the microphone", "Begin"];

/** Waits for what the program offers, and hands everything else that it tells to the form. */
export class SetupScreen {
  /** @param {HTMLElement} place
   * @param {import("../shared/messages.js").Around} around */
  constructor(place, around) {
    this.place = place;
    this.around = around;
    /** @type {SetupForm | null} */
    this.form = null;
    this.keys = (/** @type {KeyboardEvent} */ event) => this.form?.key(event);
    document.addEventListener("keydown", this.keys);
  }

  leave() {
    document.removeEventListener("keydown", this.keys);
    this.around.notice("problem", "");
  }

  /** @param {import("../shared/messages.js").Message} message */
  tell(message) {
    if (message.topic === "setup") this.offered(message.body);
    else this.form?.tell(message);
  }

  named() {
    document.title = "Facilitator: setting up";
  }

  /** @param {import("../shared/messages.js").Offer} offer */
  offered(offer) {
    if (this.form) {
      // back after the connection was lost: what was typed is still here, and the program looks where it should
      this.form.offer = offer;
      this.form.go(this.form.step, false);
      return;
    }
    this.form = new SetupForm(offer, this.around);
    this.place.replaceChildren(this.form.element);
    this.form.go(0, true);
  }
}

export class SetupForm {
  /** @param {import("../shared/messages.js").Offer} offer
   * @param {import("../shared/messages.js").Around} around */
  constructor(offer, { order, notice, share }) {
    this.offer = offer;
    this.order = order;
    this.notice = notice;
    this.step = 0;
    this.heading = h("h1", { tabindex: "-1" });
    this.count = h("p", { class: "soft count" });
    this.trouble = h("p", { class: "problem", role: "alert", hidden: true });
    this.back = h("button", { type: "button", class: "plain", onclick: () => this.go(this.step - 1, true) }, "Back");
    this.next = h("button", { type: "submit", class: "main" });
    this.who = new Who(this);
    this.which = new Which(this);
    this.check = new Check(this);
    /** @type {{ element: HTMLElement, first: HTMLElement | null }[]} */
    this.pages = [this.who, this.which, this.check];
    this.element = h(
      "form",
      { class: "setup", novalidate: true, onsubmit: (event) => this.submit(event) },
      h("header", {}, h("div", { class: "row" }, this.count, h("span", { class: "gap" }), share.button), this.heading),
      ...this.pages.map((page) => page.element),
      this.trouble,
      h("footer", {}, this.back, this.next),
    );
  }

  /** @param {import("../shared/messages.js").Message} message */
  tell({ topic, body }) {
    if (topic === "lengths") this.which.lengths(body);
    else if (topic === "due") this.which.due(body);
    else if (topic === "level") this.check.level(body);
    else if (topic === "devices") this.check.devices(body);
    else if (topic === "voice") this.check.voice(body);
    else if (topic === "problem") this.wrong(body);
  }

  /** @param {number} step
   * @param {boolean} focus */
  go(step, focus) {
    this.step = Math.max(0, Math.min(STEPS.length - 1, step));
    put(this.count, `Step ${this.step + 1} of ${STEPS.length}`);
    put(this.heading, STEPS[this.step]);
    this.pages.forEach((page, number) => shown(page.element, number === this.step));
    this.back.style.visibility = this.step ? "" : "hidden";
    put(this.next, NEXT[this.step]);
    this.problem("");
    if (this.step === 0) this.who.circle();
    if (this.step === 1) this.which.entered();
    this.check.heard();
    if (!focus) return;
    window.scrollTo(0, 0);
    (this.pages[this.step].first ?? this.heading).focus({ preventScroll: true });
    say(`${this.count.textContent}: ${this.heading.textContent}`);
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const name = this.who.name;
    if (document.activeElement === name && name.value.trim()) this.who.add();
    else if (this.step === 0 && !this.who.enough()) return;
    else if (this.step < 2) this.go(this.step + 1, true);
    else this.begin();
  }

  begin() {
    this.problem("");
    this.order("begin", { people: this.who.people, ...this.which.wish(), ...this.check.wish() });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (this.who.enough()) this.begin();
    }
  }

  /** What the program cannot begin with: said where it can be put right.
   * @param {{ message: string, where: string }} problem */
  wrong({ message, where }) {
    /** @type {Record<string, [step: number, field: HTMLElement]>} */
    const places = { name: [0, this.who.name], minutes: [1, this.which.minutes], rounds: [1, this.which.rounds] };
    if (where in places) {
      const [step, field] = places[where];
      if (step !== this.step) this.go(step, false);
      field.focus();
    }
    this.problem(message);
  }

  /** @param {string} sentence */
  problem(sentence) {
    put(this.trouble, sentence);
    shown(this.trouble, Boolean(sentence));
    if (sentence) this.trouble.scrollIntoView({ block: "nearest" });
  }
}
