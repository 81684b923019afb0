// Setting up: who is here, which form, can you be heard. Three steps, each usable with the keyboard alone.

import { h, put, say, shown } from "../shared/dom.js";
import { Check } from "./setup_check.js";
import { Which } from "./setup_which.js";
import { Who } from "./setup_who.js";

const STEPS = ["Who is here?", "Which form?", "Can I hear you?"];
const NEXT = ["Next: the form", "Next: the microphone", "Begin"];

export class SetupScreen {
  constructor(place, { order, notice, share }) {
    this.place = place;
    this.share = share;
    this.order = order;
    this.notice = notice;
    this.step = 0;
    this.offer = null;
    this.keys = (event) => this.key(event);
    document.addEventListener("keydown", this.keys);
  }

  leave() {
    document.removeEventListener("keydown", this.keys);
    this.notice("problem", "");
  }

  tell(topic, body) {
    if (topic === "setup") this.offered(body);
    else if (!this.offer) return;
    else if (topic === "lengths") this.which.lengths(body);
    else if (topic === "due") this.which.due(body);
    else if (topic === "level") this.check.level(body);
    else if (topic === "devices") this.check.devices(body);
    else if (topic === "voice") this.check.voice(body);
    else if (topic === "problem") this.wrong(body);
  }

  named() {
    document.title = "Facilitator: setting up";
  }

  offered(offer) {
    if (this.offer) {
      // back after the connection was lost: what was typed is still here, and the program looks where it should
      this.offer = offer;
      this.go(this.step, false);
      return;
    }
    this.offer = offer;
    this.build();
    this.go(0, true);
  }

  build() {
    this.heading = h("h1", { tabindex: "-1" });
    this.count = h("p", { class: "soft count" });
    this.trouble = h("p", { class: "problem", role: "alert", hidden: true });
    this.who = new Who(this);
    this.which = new Which(this);
    this.check = new Check(this);
    this.pages = [this.who, this.which, this.check];
    this.back = h("button", { type: "button", class: "plain", onclick: () => this.go(this.step - 1, true) }, "Back");
    this.next = h("button", { type: "submit", class: "main" });
    this.form = h(
      "form",
      { class: "setup", novalidate: true, onsubmit: (event) => this.submit(event) },
      h("header", {}, h("div", { class: "row" }, this.count, h("span", { class: "gap" }), this.share.button), this.heading),
      ...this.pages.map((page) => page.element),
      this.trouble,
      h("footer", {}, this.back, this.next),
    );
    this.place.replaceChildren(this.form);
  }

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

  key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (this.who.enough()) this.begin();
    }
  }

  /** What the program cannot begin with: said where it can be put right. */
  wrong({ message, where }) {
    const step = { name: 0, minutes: 1, rounds: 1 }[where];
    if (step !== undefined && step !== this.step) this.go(step, false);
    if (step !== undefined) this.pages[step][where].focus();
    this.problem(message);
  }

  problem(sentence) {
    if (!this.trouble) return;
    put(this.trouble, sentence ?? "");
    shown(this.trouble, Boolean(sentence));
    if (sentence) this.trouble.scrollIntoView({ block: "nearest" });
  }
}
