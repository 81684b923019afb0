// @ts-check
// What is asked before something is put right: who spoke, what somebody is called, who is who. Escape leaves it.

import { h, length, put, shown } from "../shared/dom.js";
import { label } from "../shared/labels.js";

/** @typedef {import("../shared/messages.js").Correction} Correction */
/** @typedef {(correction: Correction) => Promise<string>} Correct */
/** @typedef {(correction: Correction) => void} Done */

/** `correct` is handed a correction and gives back a promise: empty when it was done, else why it was not. `done`
 *  comes once the dialog is closed.
 * @param {Correct} correct
 * @param {Done} done */
export function corrections(correct, done) {
  const [stretch, rename, merge] = ["stretch", "rename", "merge"].map((kind) => new Asked(kind, correct, done));
  return {
    elements: [stretch.dialog, rename.dialog, merge.dialog],

    /** What timeline.js hands over. `people`: those to whom it can be given.
     * @param {import("./timeline.js").Stretch} chosen
     * @param {string[]} people */
    stretch({ start_ms, end_ms, voice, name }, people) {
      const person = voice === "person" ? name : null;
      const whose = person ?? (label(`put_right.${voice === null ? "everyone" : voice === "guest" ? "guest" : "unknown"}`));
      /** @type {[value: string, words: string][]} */
      const others = people.filter((one) => one !== person).map((one) => [`to ${one}`, label("put_right.it_was", { name: one })]);
      /** @type {[value: string, words: string][]} */
      const all = [...others, ["new", label("put_right.it_was_new")], ["guest", label("put_right.it_was_guest")], ["out", label("put_right.leave_out")]];
      const choices = all.filter(([value]) => !(value === "guest" && voice === "guest"));
      const seconds = (/** @type {number} */ ms) => length(Math.round(ms / 1000));
      const newcomer = h("input", { type: "text", "aria-label": label("here.question"), maxlength: "80", autocomplete: "off" });
      const fields = choice(choices);
      const gets = /** @type {HTMLInputElement | null | undefined} */ (fields[0]?.querySelector("[value=new]"));
      gets?.closest("label")?.after(newcomer);
      newcomer.addEventListener("input", () => { if (gets) gets.checked = true; });
      stretch.ask(label("put_right.of_when", { who: whose, start: seconds(start_ms), end: seconds(end_ms) }), fields, (value) => {
        if (value === "out") return { kind: "left-out", start_ms, end_ms };
        if (value === "new") return { kind: "seated", start_ms, end_ms, person, to: newcomer.value.trim().replace(/\s+/g, " ") };
        if (value === "guest") return { kind: "made-guest", start_ms, end_ms, person };
        return { kind: "reassigned", start_ms, end_ms, person, to: value.slice("to ".length) };
      });
    },

    /** @param {string} person */
    rename(person) {
      const field = h("input", { type: "text", name: "choice", id: "new-name", value: person, maxlength: "80", autocomplete: "off" });
      const fields = [h("label", { for: "new-name" }, label("put_right.called", { name: person })), field];
      rename.ask("", fields, (value) => ({ kind: "renamed", person, to: value.trim().replace(/\s+/g, " ") }));
      field.select();
    },

    /** @param {string} person
     * @param {string[]} others */
    merge(person, others) {
      /** @type {[value: string, words: string][]} */
      const choices = others.map((one) => [`to ${one}`, one]);
      merge.ask(label("review.same_who", { name: person }), choice(choices), (value) => ({ kind: "merged", person, into: value.slice("to ".length) }));
    },
  };
}

/** @param {[value: string, words: string][]} choices */
function choice(choices) {
  return [
    h(
      "div",
      { class: "one-of", role: "radiogroup", "aria-label": label("put_right.right") },
      choices.map(([value, words], place) => h("label", { class: "choice-line" }, h("input", { type: "radio", name: "choice", value, checked: place === 0 }), words)),
    ),
  ];
}

class Asked {
  /** @param {string} kind
   * @param {Correct} correct
   * @param {Done} done */
  constructor(kind, correct, done) {
    /** @type {((value: string) => Correction) | null} */
    this.wish = null;
    this.correct = correct;
    this.done = done;
    this.about = h("p", { class: "soft" });
    this.fields = h("div", { class: "fields-here" });
    this.problem = h("p", { class: "problem", role: "alert", hidden: true });
    this.yes = h("button", { type: "submit", class: "main" });
    this.busy(false);
    const id = `asked-${kind}`;
    this.form = h(
      "form",
      { onsubmit: (event) => this.submit(event) },
      h("h2", { id }, label(`put_right.${kind}`)),
      this.about,
      this.fields,
      this.problem,
      h("div", { class: "buttons" }, this.yes, h("button", { type: "button", class: "plain", onclick: () => { this.dialog.close(); } }, `${label("put_right.leave")} `, h("kbd", {}, "Esc"))),
    );
    this.dialog = h("dialog", { "aria-labelledby": id }, this.form);
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target instanceof Element && event.target.matches("input[type=radio]")) this.submit(event); // browsers differ
    });
  }

  /** @param {string} about
   * @param {HTMLElement[]} fields
   * @param {(value: string) => Correction} wish makes of what was answered what is to be put right */
  ask(about, fields, wish) {
    this.wish = wish;
    put(this.about, about);
    shown(this.about, Boolean(about));
    this.fields.replaceChildren(...fields);
    shown(this.problem, false);
    this.dialog.showModal();
    this.fields.querySelector("input")?.focus();
  }

  /** While a correction is under way; of three hours it takes a second or two.
   * @param {boolean} yes */
  busy(yes) {
    this.yes.disabled = yes;
    this.yes.replaceChildren(...(yes ? [label("page.moment")] : [`${label("put_right.do")} `, h("kbd", {}, "Enter")]));
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    if (this.yes.disabled || !this.wish) return;
    this.busy(true);
    const wish = this.wish(String(new FormData(this.form).get("choice") ?? ""));
    const sentence = await this.correct(wish);
    this.busy(false);
    put(this.problem, sentence);
    shown(this.problem, Boolean(sentence));
    if (sentence) {
      /** @type {HTMLInputElement | null} */
      const field = this.fields.querySelector("input:checked, input");
      field?.focus();
      return;
    }
    this.dialog.close();
    this.done(wish);
  }
}
