// @ts-check
// Setting up, first step: who is here, in which order, and how the names are spoken.

import { h, keyed, put, say, shown } from "../shared/dom.js";
import { counted, label, listed } from "../shared/labels.js";

/** @typedef {import("../shared/messages.js").Person} Person */

/** What no group is called. */
const OTHER = "\n";

export class Who {
  /** @param {import("./setup.js").SetupForm} setup */
  constructor(setup) {
    this.setup = setup;
    const offer = setup.offer;
    this.people = offer.people.map((person) => ({ ...person }));
    /** @type {Person | null} */
    this.dragged = null;
    const before = offer.unfinished
      ? h(
          "section",
          { class: "card before" },
          h("p", {}, label("setup.interrupted", { what: offer.unfinished })),
          h("button", { type: "button", class: "plain", onclick: () => this.setup.order("go-on") }, label("setup.go_on")),
        )
      : null;
    this.group = h("select", { id: "group", onchange: () => this.chosen() });
    this.groupName = h("input", { type: "text", "aria-label": label("setup.group_name"), placeholder: label("setup.group_name"), autocomplete: "off", maxlength: "80", hidden: true, onchange: () => this.named() });
    this.groupBlock = h("div", { class: "field", hidden: true }, h("label", { for: "group" }, label("setup.group")), h("div", { class: "row" }, this.group, this.groupName));
    this.known = h("div", { class: "chips", role: "group", "aria-label": label("setup.known_people") });
    this.last = h("button", { type: "button", class: "chip", hidden: true, onclick: () => this.asLast() });
    this.knownBlock = h("section", {}, h("h2", {}, label("setup.known")), this.last, this.known);
    this.name = h("input", { type: "text", id: "name", autocomplete: "off", maxlength: "400", "aria-describedby": "name-hint" });
    this.seats = h("ol", { class: "seats", "aria-label": label("setup.circle") });
    this.nobody = h("p", { class: "soft" }, label("setup.nobody"));
    this.element = h(
      "section",
      { class: "step" },
      before,
      this.groupBlock,
      this.knownBlock,
      h(
        "section",
        {},
        h("label", { for: "name" }, label(offer.known.length ? "setup.new" : "setup.names")),
        h(
          "div",
          { class: "row" },
          this.name,
          h("button", { type: "button", class: "plain", onclick: () => this.add() }, label("setup.add")),
        ),
        h("p", { id: "name-hint", class: "soft small" }, label("setup.add_hint")),
      ),
      h("section", { class: "circle" }, h("h2", {}, label("setup.in_circle")), this.nobody, this.seats),
    );
  }

  /** What the keyboard should be at when this step begins. */
  get first() {
    return this.people.length < 2 ? this.name : this.setup.next;
  }

  /** Those to choose from, where any group has a name. */
  groups() {
    const { groups, group } = this.setup.offer;
    shown(this.groupBlock, groups.length > 0);
    shown(this.groupName, false);
    const choices = groups.map((name) => h("option", { value: name, selected: name === group }, name || label("setup.no_group")));
    this.group.replaceChildren(...choices, h("option", { value: OTHER }, label("setup.other_group")));
  }

  chosen() {
    const other = this.group.value === OTHER;
    shown(this.groupName, other);
    if (other) this.groupName.focus();
    else this.setup.order("group", { group: this.group.value });
  }

  /** A new group is called what was typed. */
  named() {
    const group = this.groupName.value.trim();
    if (group) this.setup.order("group", { group });
  }

  enough() {
    if (this.name.value.trim() && !this.add()) return false;
    if (this.people.length >= 2) return true;
    if (this.people.length === 1 && this.setup.offer.formats.some((form) => form.alone)) return true; // who practises
    this.setup.problem(label("setup.two"));
    this.name.focus();
    return false;
  }

  /** @param {Person | null} person somebody known; else whoever is typed */
  add(person = null) {
    const names = person ? [person.name] : this.name.value.split(/[,;\n،、，；]/).map((name) => name.trim().replace(/\s+/g, " ")).filter(Boolean);
    const known = new Map(this.setup.offer.known.map((one) => [one.name.toLocaleLowerCase(), one]));
    for (const name of names) {
      if (this.people.length >= this.setup.offer.most) {
        this.setup.problem(counted("setup.most", this.setup.offer.most));
        return false;
      }
      if (this.people.some((one) => one.name.toLocaleLowerCase() === name.toLocaleLowerCase())) {
        this.setup.problem(label("setup.same_name", { name }));
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

  /** The same people, at the same seats. */
  asLast() {
    const known = new Map(this.setup.offer.known.map((one) => [one.name, one]));
    this.people = this.setup.offer.last.map((name) => ({ name, say: known.get(name)?.say ?? "" }));
    this.setup.problem("");
    this.circle();
    say(`${listed(this.people.map((one) => one.name))}.`);
    this.setup.next.focus();
  }

  circle() {
    const here = new Set(this.people.map((person) => person.name));
    const others = this.setup.offer.known.filter((person) => !here.has(person.name));
    const { last } = this.setup.offer;
    shown(put(this.last, label("setup.as_last", { names: listed(last) })), last.length > 1 && !this.people.length);
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
            "aria-label": label("setup.add_who", { name: person.name }),
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

  /** At another seat; the others move on.
   * @param {Person} person
   * @param {number} to from 0 */
  sit(person, to) {
    this.people.splice(this.people.indexOf(person), 1);
    this.people.splice(to, 0, person);
    this.circle();
  }

  /** @param {Person} person */
  seat(person) {
    const spoken = h("input", {
      type: "text",
      value: person.say,
      placeholder: label("setup.as_written"),
      maxlength: "80",
      autocomplete: "off",
      "aria-label": label("setup.is_pronounced", { name: person.name }),
      oninput: () => {
        person.say = spoken.value.trim();
      },
    });
    const change = (/** @type {"up" | "down" | "out"} */ how) => {
      const place = this.people.indexOf(person);
      if (how === "up" && place > 0) this.sit(person, place - 1);
      if (how === "down" && place < this.people.length - 1) this.sit(person, place + 1);
      if (how === "out") this.people.splice(place, 1);
      this.circle();
      if (how === "out") this.name.focus();
    };
    const name = person.name;
    return h(
      "li",
      {
        draggable: "true",
        ondragstart: (event) => {
          this.dragged = person;
          event.dataTransfer?.setData("text/plain", name);
        },
        ondragover: (event) => {
          event.preventDefault();
          const to = this.people.indexOf(person);
          if (this.dragged && this.dragged !== person) this.sit(this.dragged, to);
        },
        ondragend: () => { this.dragged = null; },
      },
      h("bdi", { class: "name" }, name),
      h("label", { class: "said-as" }, h("span", { class: "soft small" }, label("setup.pronounced")), spoken),
      h("span", { class: "tools" },
        h("button", { type: "button", class: "tool", "aria-label": label("setup.hear_who", { name }), title: label("setup.hear_it"), onclick: () => this.setup.check.hear([person]) }, label("setup.hear_it")),
        h("button", { type: "button", class: "tool", "aria-label": label("setup.up_who", { name }), title: label("setup.up"), onclick: ({ currentTarget: up }) => { change("up"); if (up instanceof HTMLElement) up.focus(); } }, label("setup.up")),
        h("button", { type: "button", class: "tool", "aria-label": label("setup.down_who", { name }), title: label("setup.down"), onclick: ({ currentTarget: down }) => { change("down"); if (down instanceof HTMLElement) down.focus(); } }, label("setup.down")),
        h("button", { type: "button", class: "tool", "aria-label": label("setup.remove_who", { name }), title: label("setup.remove"), onclick: () => change("out") }, label("setup.remove")),
      ),
    );
  }
}
