// @ts-check
// Setting up, first step: who is here, in which order, and how the names are spoken.

import { h, keyed, listed, say, shown } from "../shared/dom.js";
/** @typedef {import("../shared/messages.js").Person} Person */

export class Who {
  /** @param {import("./setup.js").SetupForm} setup */
  constructor(setup) {
    this.setup = setup;
    const offer = setup.offer;
    this.people = offer.people.map((person) => ({ ...person }));
    const before = offer.unfinished
      ? h(
          "section",
          { class: "card before" },
          h("p", {}, `A session was interrupted. ${offer.unfinished}.`),
          h("button", { type: "button", class: "plain", onclick: () => this.setup.order("go-on") }, "Go on with it"),
        )
      : null;
    this.known = h("div", { class: "chips", role: "group", "aria-label": "Known people" });
    this.knownBlock = h("section", {}, h("h2", {}, "Known from before"), this.known);
    this.name = h("input", { type: "text", id: "name", autocomplete: "off", maxlength: "400", "aria-describedby": "name-hint" });
    this.seats = h("ol", { class: "seats", "aria-label": "The circle" });
    this.nobody = h("p", { class: "soft" }, "Nobody yet. Two to twelve people can take part.");
    this.element = h(
      "section",
      { class: "step" },
      before,
      this.knownBlock,
      h(
        "section",
        {},
        h("label", { for: "name" }, "Somebody new"),
        h(
          "div",
          { class: "row" },
          this.name,
          h("button", { type: "button", class: "plain", onclick: () => this.add() }, "Add"),
        ),
        h("p", { id: "name-hint", class: "soft small" }, "Enter adds; several at once with commas in between."),
      ),
      h("section", { class: "circle" }, h("h2", {}, "In the circle, in this order"), this.nobody, this.seats),
    );
  }

  /** What the keyboard should be at when this step begins. */
  get first() {
    return this.people.length < 2 ? this.name : this.setup.next;
  }

  enough() {
    if (this.name.value.trim() && !this.add()) return false;
    if (this.people.length >= 2) return true;
    this.setup.problem("A discussion needs at least two people: add who is here.");
    this.name.focus();
    return false;
  }

  /** @param {Person | null} person somebody known; else whoever is typed */
  add(person = null) {
    const names = person ? [person.name] : this.name.value.split(/[,;\n،、，；]/).map((name) => name.trim().replace(/\s+/g, " ")).filter(Boolean);
    const known = new Map(this.setup.offer.known.map((one) => [one.name.toLocaleLowerCase(), one]));
    for (const name of names) {
      if (this.people.length >= this.setup.offer.most) {
        this.setup.problem(`Up to ${this.setup.offer.most} people can take part.`);
        return false;
      }
      if (this.people.some((one) => one.name.toLocaleLowerCase() === name.toLocaleLowerCase())) {
        this.setup.problem(`Two people are called ${name}: add an initial, as in “${name} B”.`);
        return false;
      }
      this.people.push({ name, say: known.get(name.toLocaleLowerCase())?.say ?? "" });
    }
    if (!person) this.name.value = "";
    this.setup.problem("");
    this.circle();
    say(`${listed(this.people.map((one) => one.name))}.`);
    return true;
  }

  circle() {
    const here = new Set(this.people.map((person) => person.name));
    const others = this.setup.offer.known.filter((person) => !here.has(person.name));
    shown(this.knownBlock, others.length > 0);
    keyed(
      this.known,
      others,
      (person) => person.name,
      (person) =>
        h(
          "button",
          {
            type: "button",
            class: "chip",
            "aria-label": `Add ${person.name}`,
            onclick: ({ currentTarget: chip }) => {
              const next = chip instanceof Element ? (chip.nextElementSibling ?? chip.previousElementSibling) : null;
              if (this.add(person)) (next instanceof HTMLElement ? next : this.setup.next).focus();
            },
          },
          `+ ${person.name}`,
        ),
    );
    shown(this.nobody, !this.people.length);
    keyed(
      this.seats,
      this.people,
      (person) => person.name,
      (person) => this.seat(person),
    );
  }

  /** @param {Person} person */
  seat(person) {
    const spoken = h("input", {
      type: "text",
      value: person.say,
      placeholder: "as written",
      maxlength: "80",
      autocomplete: "off",
      "aria-label": `${person.name} is pronounced`,
      oninput: () => {
        person.say = spoken.value.trim();
      },
    });
    const change = (/** @type {"up" | "out"} */ how) => {
      const place = this.people.indexOf(person);
      if (how === "up" && place > 0) this.people.splice(place - 1, 2, person, this.people[place - 1]);
      if (how === "out") this.people.splice(place, 1);
      this.circle();
      if (how === "out") this.name.focus();
    };
    const name = person.name;
    return h(
      "li",
      {},
      h("bdi", { class: "name" }, name),
      h("label", { class: "said-as" }, h("span", { class: "soft small" }, "pronounced"), spoken),
      h("span", { class: "tools" },
        h("button", { type: "button", class: "tool", "aria-label": `Hear ${name}`, title: "Hear it", onclick: () => this.setup.check.hear([person]) }, "Hear"),
        h("button", { type: "button", class: "tool", "aria-label": `Move ${name} up`, title: "Move up", onclick: ({ currentTarget: up }) => { change("up"); if (up instanceof HTMLElement) up.focus(); } }, "Up"),
        h("button", { type: "button", class: "tool", "aria-label": `Remove ${name}`, title: "Remove", onclick: () => change("out") }, "Remove"),
      ),
    );
  }
}
