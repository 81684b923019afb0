// @ts-check
// A mediator's own screen: the session with its buttons, and notes that nobody else sees.

import { ask } from "../shared/ask.js";
import { h, put, shown } from "../shared/dom.js";
import { label } from "../shared/labels.js";
import { SessionScreen } from "./session.js";

/** @typedef {{ notes?: { number: number, text: string }[], goals?: string[], sentence?: string }} Own */

export class MediatorScreen {
  /** @param {HTMLElement} place
   * @param {import("../shared/messages.js").Around} around */
  constructor(place, around) {
    const table = h("div", { class: "table-of-all" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.goals = h("ul", {});
    this.goalsTitle = h("h3", {}, label("private.goals"));
    this.notes = h("ol", {});
    this.field = h("textarea", { id: "private-note", rows: 3, maxlength: 4000 });
    // A key pressed here is a letter of a note, and no command.
    this.field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.keep(event);
    });
    place.replaceChildren(
      table,
      h(
        "section",
        { class: "private", "aria-labelledby": "private-title" },
        h("h2", { id: "private-title" }, label("private.title")),
        h("p", { class: "soft" }, label("private.what")),
        this.goalsTitle,
        this.goals,
        this.problem,
        h("form", { onsubmit: (/** @type {Event} */ event) => this.keep(event) }, h("label", { for: "private-note" }, label("private.place")), this.field, h("button", { type: "submit", class: "plain" }, label("private.keep"))),
        this.notes,
      ),
    );
    this.session = new SessionScreen(table, around);
    this.send();
  }

  /** @param {Event} event */
  keep(event) {
    event.preventDefault();
    if (this.field.value.trim()) this.send({ text: this.field.value });
  }

  /** @param {object} [wish] what is to be done; without, it is only read */
  async send(wish) {
    /** @type {Own} */
    const { notes, goals = [], sentence = "" } = await ask("private", wish);
    put(this.problem, sentence);
    if (!notes) return; // what was typed stays
    if (wish && "text" in wish) this.field.value = "";
    shown(this.goalsTitle, goals.length > 0);
    this.goals.replaceChildren(...goals.map((goal) => h("li", {}, goal)));
    this.notes.replaceChildren(
      ...notes.map(({ number, text }) => h("li", {}, h("p", {}, text), h("button", { type: "button", class: "plain small", onclick: () => this.send({ remove: number }) }, label("private.remove")))),
    );
  }

  /** @param {import("../shared/messages.js").Message} message */
  tell(message) {
    this.session.tell(message);
  }

  /** @param {string} name */
  named(name) {
    this.session.named(name);
  }

  leave() {
    this.session.leave();
  }

  over() {
    this.session.over?.();
  }
}
