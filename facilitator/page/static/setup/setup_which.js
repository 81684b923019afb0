// @ts-check
// Setting up, second step: which form, how long, in which language, and how much of the airtime is shown.

import { h, put, shown } from "../shared/dom.js";
import { notebook } from "../shared/notebook.js";
import { label } from "../shared/labels.js";

const AIRTIME = ["hidden", "hints", "shown"];

export class Which {
  /** @param {import("./setup.js").SetupForm} setup */
  constructor(setup) {
    this.setup = setup;
    const offer = setup.offer;
    /** @type {string | undefined} */
    this.was = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.measuring = undefined;
    this.formats = h(
      "div",
      { class: "formats", role: "radiogroup", "aria-label": label("setup.form") },
      offer.formats.map((form) =>
        h(
          "label",
          { class: "format" },
          h("input", {
            type: "radio",
            name: "format",
            value: form.name,
            checked: form.name === offer.format,
            onchange: () => this.chosen(),
          }),
          h(
            "span",
            { class: "about" },
            h("span", { class: "title" }, form.title),
            h("span", { class: "length soft", "data-length": form.name }),
            h("span", { class: "what" }, form.summary),
          ),
        ),
      ),
    );
    this.minutes = h("input", { type: "text", id: "minutes", inputmode: "decimal", autocomplete: "off", oninput: () => { this.setup.problem(""); this.measure(400); } });
    this.rounds = h("input", { type: "text", id: "rounds", inputmode: "numeric", autocomplete: "off", oninput: () => { this.setup.problem(""); this.measure(400); } });
    this.minutesLabel = h("label", { for: "minutes" });
    this.minutesBlock = h("div", { class: "field" }, this.minutesLabel, this.minutes);
    this.roundsBlock = h("div", { class: "field" }, h("label", { for: "rounds" }, label("setup.rounds")), this.rounds);
    this.language = h(
      "select",
      { id: "language", onchange: () => { this.setup.order("language", { language: this.language.value }); } },
      offer.languages.map((one) => h("option", { value: one.code, selected: one.code === offer.language }, one.name)),
    );
    this.airtime = h("select", { id: "airtime" });
    this.notebook = notebook();
    this.agreed = h("button", { type: "button", class: "plain small", onclick: () => this.notebook.open() }, label("notebook.title"));
    this.lookBack = h("p", { class: "soft", role: "status", hidden: true });
    this.element = h(
      "section",
      { class: "step" },
      this.lookBack,
      h("p", {}, this.agreed),
      this.formats,
      h(
        "div",
        { class: "fields" },
        this.minutesBlock,
        this.roundsBlock,
        h("div", { class: "field" }, h("label", { for: "language" }, label("setup.language")), this.language),
        h("div", { class: "field wide" }, h("label", { for: "airtime" }, label("setup.airtime_while")), this.airtime),
      ),
    );
  }

  /** What the keyboard should be at when this step begins. */
  get first() {
    return this.checked();
  }

  /** @returns {HTMLInputElement | null} */
  checked() {
    return this.formats.querySelector("input:checked");
  }

  entered() {
    this.setup.order("due", { names: this.setup.who.people.map((person) => person.name) });
    this.fitting();
    this.chosen();
  }

  /** Who is alone is shown what one person can do alone; all others see the rest. */
  fitting() {
    const alone = this.setup.who.people.length < 2;
    for (const form of this.setup.offer.formats) {
      /** @type {HTMLInputElement | null} */
      const way = this.formats.querySelector(`input[value="${CSS.escape(form.name)}"]`);
      if (!way) continue;
      way.disabled = alone && !form.alone;
      if (way.disabled && way.checked) way.checked = false;
      if (alone && form.alone && !this.checked()) way.checked = true;
    }
    /** @type {NodeListOf<HTMLInputElement>} */
    const ways = this.formats.querySelectorAll("input");
    if (!this.checked()) for (const way of ways) way.checked = !way.disabled && !this.checked();
  }

  /** @param {{ told: string }} due */
  due({ told }) {
    shown(put(this.lookBack, told), Boolean(told));
  }

  format() {
    const name = this.checked()?.value;
    return this.setup.offer.formats.find((form) => form.name === name);
  }

  /** For `begin`. */
  wish() {
    return {
      format: this.format()?.name,
      minutes: this.minutesBlock.hidden ? "" : this.minutes.value.trim(),
      rounds: this.roundsBlock.hidden ? "" : this.rounds.value.trim(),
      language: this.language.value,
      airtime: this.airtime.value,
    };
  }

  chosen() {
    const form = this.format();
    if (!form) return;
    const first = this.was === undefined;
    if (this.was !== form.name) {
      this.was = form.name;
      this.minutes.value = (first && this.setup.offer.minutes) || form.minutes || "";
      this.rounds.value = String((first && this.setup.offer.rounds) || form.rounds || "");
      const usual = label(`setup.airtime.${form.airtime}`);
      const kept = first ? this.setup.offer.airtime : this.airtime.value;
      this.airtime.replaceChildren(
        h("option", { value: "" }, label("setup.as_form", { usual })),
        ...AIRTIME.map((value) => {
          const words = label(`setup.airtime.${value}`);
          return h("option", { value, selected: value === kept }, words[0].toUpperCase() + words.slice(1));
        }),
      );
    }
    put(this.minutesLabel, label(form.timed ? "setup.minutes_turn" : "setup.minutes_talk"));
    this.minutes.placeholder = label(form.timed ? "setup.as_it_is" : "setup.no_limit");
    this.rounds.placeholder = label("setup.as_it_is");
    shown(this.minutesBlock, form.timed || form.talk);
    shown(this.roundsBlock, form.timed);
    this.measure(0);
  }

  /** @param {number} wait_ms */
  measure(wait_ms) {
    clearTimeout(this.measuring);
    this.measuring = setTimeout(() => {
      const form = this.format();
      if (form)
        this.setup.order("length", { format: form.name, people: this.setup.who.people.length, minutes: this.minutes.value.trim(), rounds: form.timed ? this.rounds.value.trim() : "" });
    }, wait_ms);
  }

  /** @param {Record<string, string>} lengths of each form, in words */
  lengths(lengths) {
    /** @type {NodeListOf<HTMLElement>} */
    const places = this.formats.querySelectorAll("[data-length]");
    for (const place of places) {
      const text = lengths[place.dataset.length ?? ""];
      if (text) put(place, text);
    }
  }
}
