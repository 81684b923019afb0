// @ts-check
// Setting up: who is here, which form, can you be heard. Three steps, each usable with the keyboard alone.

import { h, put, say, shown } from "../shared/dom.js";
import { label } from "../shared/labels.js";
import { Check } from "./setup_check.js";
import { Which } from "./setup_which.js";
import { Who } from "./setup_who.js";

/** Waits for what the program offers, and hands everything else that it tells to the form. */
export class SetupScreen {
  /** @param {HTMLElement} place
   * @param {import("../shared/messages.js").Around} around */
  constructor(place, around) {
    this.place = place;
    this.around = around;
    /** @type {SetupForm | null} */
    this.form = null;
    this.keys = (/** @type {KeyboardEvent} */ event) => {
      if (!this.form?.which.notebook.element.open) this.form?.key(event);
    };
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
    document.title = label("page.title", { what: label("page.setting_up") });
  }

  /** @param {import("../shared/messages.js").Offer} offer */
  offered(offer) {
    const before = this.form;
    if (before && offer.language === before.offer.language) {
      // back after the connection was lost: what was typed is still here, and the program looks where it should
      before.offer = offer;
      before.go(before.step, false);
      return;
    }
    this.form = new SetupForm(before ? before.kept(offer) : offer, this.around);
    this.place.replaceChildren(this.form.element, this.form.which.notebook.element);
    this.named();
    if (before) this.form.goOn(before);
    else this.form.go(0, true);
  }
}

export class SetupForm {
  /** @param {import("../shared/messages.js").Offer} offer
   * @param {import("../shared/messages.js").Around} around */
  constructor(offer, { order, notice, share }) {
    this.offer = offer;
    this.order = order;
    this.notice = notice;
    this.share = share;
    this.step = 0;
    this.heading = h("h1", { tabindex: "-1" });
    this.about = h("p", { class: "soft" });
    this.count = h("p", { class: "soft count" });
    /** The field that cannot be as it is. @type {HTMLElement | null} */
    this.amiss = null;
    this.trouble = h("p", { class: "problem", role: "alert", hidden: true });
    this.back = h("button", { type: "button", class: "plain", onclick: () => this.go(this.step - 1, true) }, label("setup.back"));
    this.next = h("button", { type: "submit", class: "main" });
    this.who = new Who(this);
    this.which = new Which(this);
    this.check = new Check(this);
    /** @type {{ element: HTMLElement, first: HTMLElement | null }[]} */
    this.pages = [this.who, this.which, this.check];
    this.element = h(
      "form",
      { class: "setup", novalidate: true, onsubmit: (event) => this.submit(event) },
      h("header", {}, h("div", { class: "row" }, this.count, h("span", { class: "gap" }), share.button), this.heading, this.about),
      ...this.pages.map((page) => page.element),
      this.trouble,
      h("footer", {}, this.back, this.next),
    );
  }

  /** The offer, with what was chosen so far in place of what the program begins with.
   * @param {import("../shared/messages.js").Offer} offer
   * @returns {import("../shared/messages.js").Offer} */
  kept(offer) {
    const { format = offer.format, minutes, rounds, airtime } = this.which.wish();
    return { ...offer, people: this.who.people, format, minutes, rounds: Number(rounds) || null, airtime: airtime || null };
  }

  /** In another language, where somebody was.
   * @param {SetupForm} before */
  goOn(before) {
    this.who.name.value = before.who.name.value;
    this.check.listening.checked = before.check.listening.checked;
    this.check.device.value = before.check.device.value;
    this.go(before.step, false);
    this.which.language.focus();
  }

  /** Whether a microphone is going to be listened to: a recording is heard without one. */
  get byMicrophone() {
    return !this.offer.audio && !this.check.listening.checked;
  }

  /** What it is, as true as it is just now: whether it listens, and whether others see this page.
   * @returns {string} */
  what() {
    const does = label(this.check.listening.checked ? "setup.about_timer" : "setup.about");
    return `${does} ${label(this.share.state?.on ? "setup.is_shared" : "setup.stays")}`;
  }

  /** The titles of the steps, and where the button leads from each. */
  get steps() {
    const last = this.byMicrophone ? "setup.hear" : "setup.check";
    const on = this.byMicrophone ? "setup.next_hear" : "setup.next_check";
    return { titles: ["setup.who", "setup.which", last], next: ["setup.next_which", on, "setup.begin"] };
  }

  /** @param {import("../shared/messages.js").Message} message */
  tell({ topic, body }) {
    if (topic === "share") put(this.about, this.what());
    else if (topic === "lengths") this.which.lengths(body);
    else if (topic === "due") this.which.due(body);
    else if (topic === "level") this.check.level(body);
    else if (topic === "devices") this.check.devices(body);
    else if (topic === "voice") this.check.voice(body);
    else if (topic === "problem") this.wrong(body);
  }

  /** @param {number} step
   * @param {boolean} focus */
  go(step, focus) {
    if (step !== this.step) this.problem(""); // else the connection is back, and what was wrong still is
    const { titles, next } = this.steps;
    this.step = Math.max(0, Math.min(titles.length - 1, step));
    put(this.count, label("setup.step", { number: this.step + 1, of: titles.length }));
    put(this.heading, label(titles[this.step]));
    this.pages.forEach((page, number) => shown(page.element, number === this.step));
    put(this.about, this.what());
    shown(this.about, this.step === 0);
    this.back.style.visibility = this.step ? "" : "hidden";
    put(this.next, label(next[this.step]));
    if (this.step === 0) {
      this.who.groups();
      this.who.circle();
    }
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
    const { name, groupName } = this.who;
    if (document.activeElement === groupName) name.focus(); // and what was typed there is taken
    else if (document.activeElement === name && name.value.trim()) this.who.add();
    else if (this.step === 0 && !this.who.enough()) return;
    else if (this.step === 1 && this.amiss) this.amiss.focus();
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
   * @param {{ message: string, where: string, typed: boolean }} problem `typed`: it is being typed */
  wrong({ message, where, typed }) {
    /** @type {Record<string, [step: number, field: HTMLElement]>} */
    const places = { name: [0, this.who.name], minutes: [1, this.which.minutes], rounds: [1, this.which.rounds] };
    /** @type {HTMLElement | null} */
    let amiss = null;
    if (where in places) {
      const [step, field] = places[where];
      if (typed && this.step < step) return; // who went on before it was looked at is taken back
      if (step !== this.step) this.go(step, false);
      field.focus();
      amiss = field;
    }
    this.problem(message, amiss);
  }

  /** @param {string} sentence
   * @param {HTMLElement | null} [amiss] the field that cannot be as it is */
  problem(sentence, amiss = null) {
    this.amiss = amiss;
    put(this.trouble, sentence);
    shown(this.trouble, Boolean(sentence));
    if (sentence) this.trouble.scrollIntoView({ block: "nearest" });
  }
}
