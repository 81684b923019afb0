// @ts-check
// The report that both sides share: each looks at it alone, leaves out what they wish, and says yes or does not.

import { ask } from "../shared/ask.js";
import { panel } from "../shared/dialogs.js";
import { h } from "../shared/dom.js";
import { label } from "../shared/labels.js";

/** @typedef {{ sides: string[], parts?: { key: string, text: string, struck: boolean }[], of?: string, yes?: boolean, all?: boolean, sentence?: string }} Told */

/** A dialog; `open` shows that of this session, and asks who is looking. */
export function joint() {
  let session = 0;
  const { dialog, problem, open, fill } = panel("joint");
  dialog.addEventListener("close", () => fill()); // whoever comes next sees nothing of it

  /** @param {string} person
   * @param {object} [wish] */
  async function look(person, wish = {}) {
    /** @type {Told} */
    const told = await ask(`joint/${session}`, { person, ...wish });
    problem.textContent = told.sentence ?? "";
    if (told.sentence && person) return look(person);
    if (told.parts) show(person, told);
    else if (told.sides) who(told);
  }

  /** @param {Told} told */
  function who({ sides, all = false }) {
    const names = sides.map((name) => h("button", { type: "button", class: "choice", onclick: () => look(name) }, name));
    const save = h("a", { href: `save/${session}.joint`, download: "" }, label("joint.save"));
    fill(h("h3", {}, label("joint.who")), h("div", { class: "choices" }, ...names), h("p", { role: "status" }, label(all ? "joint.all" : "joint.waits")), ...(all ? [h("p", {}, save)] : []));
  }

  /** @param {string} person
   * @param {Told} told */
  function show(person, { parts = [], of = "", yes = false }) {
    const entries = parts.map(({ key, text, struck }, number) => {
      const box = h("input", { id: `part-${number}`, type: "checkbox", checked: struck, onchange: () => { look(person, { [box.checked ? "strike" : "keep"]: key }); } });
      return h("li", { class: struck ? "struck" : "" }, h("p", {}, text), h("label", { for: box.id }, box, label("joint.leave")));
    });
    fill(
      h("h3", {}, person),
      h("ul", {}, ...entries),
      h("p", { role: "status" }, label(yes ? "joint.you_said_yes" : "joint.you_have_not")),
      h(
        "div",
        { class: "buttons" },
        h("button", { id: "joint-yes", type: "button", class: yes ? "plain" : "main", onclick: () => look(person, { yes: !yes, of }) }, label(yes ? "joint.take_back" : "joint.say_yes")),
        h("button", { type: "button", class: "plain", onclick: () => look("") }, label("joint.hand_over")),
      ),
    );
  }

  return {
    element: dialog,
    /** @param {number} number */
    open(number) {
      session = number;
      return open(look(""));
    },
  };
}
