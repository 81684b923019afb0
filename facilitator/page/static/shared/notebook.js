// @ts-check
// What a group has agreed on: its rules, its steps for hard moments, its agreements; to read and to change.

import { ask } from "./ask.js";
import { panel } from "./dialogs.js";
import { h } from "./dom.js";
import { label } from "./labels.js";

/** @typedef {{ agreement: number, kind: string, text: string, owner: string | null, due: string | null, kept: boolean | null,
 *   people: string[], every: string | null, turns: string[], cooling_days: number | null, asked: boolean }} Agreement */

/** What is said of each kind of its own. */
const WORDS = {
  rule: { title: "notebook.rules", add: "notebook.add_rule", example: "notebook.rule_example" },
  step: { title: "notebook.steps", add: "notebook.add_step", example: "notebook.step_example" },
};
const HOW_OFTEN = /** @type {const} */ (["once", "week", "fortnight", "month"]);

/** A dialog; `open` reads it anew. */
export function notebook() {
  const { dialog, problem, open, fill } = panel("notebook");

  /** @param {object} wish */
  async function change(wish) {
    /** @type {{ agreements?: Agreement[], sentence?: string }} */
    const { agreements, sentence = "" } = await ask("rules", wish);
    problem.textContent = sentence;
    if (agreements) show(agreements);
  }

  /** @param {Agreement[]} all */
  function show(all) {
    fill(
      own("rule", all),
      own("step", all),
      h("section", {}, h("h3", {}, label("notebook.agreements")), list(all.filter((one) => one.asked).map(agreed))),
    );
  }

  /** @param {HTMLElement[]} entries */
  const list = (entries) => (entries.length ? h("ul", {}, ...entries) : h("p", { class: "soft" }, label("notebook.nothing")));

  /** @param {"rule" | "step"} kind
   * @param {Agreement[]} all */
  function own(kind, all) {
    const field = h("input", { id: `new-${kind}`, type: "text", placeholder: label(WORDS[kind].example) });
    const add = (/** @type {Event} */ event) => {
      event.preventDefault();
      if (field.value.trim()) change({ do: "add", kind, text: field.value });
    };
    return h(
      "section",
      {},
      h("h3", {}, label(WORDS[kind].title)),
      list(all.filter((one) => one.kind === kind).map(worded)),
      h("form", { onsubmit: add }, h("label", { for: field.id }, label(WORDS[kind].add)), field, h("button", { type: "submit", class: "plain" }, label(WORDS[kind].add))),
    );
  }

  /** @param {Agreement} one */
  function worded(one) {
    const number = one.agreement;
    const field = h("input", { id: `word-${number}`, type: "text", value: one.text, "aria-label": one.text, onchange: () => { change({ do: "word", number, text: field.value }); } });
    const days = h("input", { id: `days-${number}`, type: "number", min: 0, max: 60, value: one.cooling_days ?? 0, onchange: () => { change({ do: "cool", number, days: Number(days.value) }); } });
    return h(
      "li",
      {},
      field,
      ...(one.kind === "rule" ? [h("label", { for: days.id }, label("notebook.days")), days] : []),
      h("button", { type: "button", class: "plain small", onclick: () => change({ do: "remove", number }) }, label("notebook.remove")),
    );
  }

  /** @param {Agreement} one */
  function agreed(one) {
    const number = one.agreement;
    const owner = h(
      "select",
      { id: `owner-${number}`, onchange: () => { change({ do: "owner", number, name: owner.value }); } },
      h("option", { value: "" }, label("notebook.everyone")),
      ...one.people.map((name) => h("option", { value: name }, name)),
    );
    owner.value = one.owner ?? "";
    const due = h("input", { id: `due-${number}`, type: "date", value: one.due ?? "", disabled: one.every !== null, onchange: () => { if (due.value) change({ do: "due", number, day: due.value }); } });
    const turns = h("input", { id: `turns-${number}`, type: "checkbox", checked: one.turns.length > 0, disabled: one.every === null, onchange: () => { often(); } });
    const every = h("select", { id: `every-${number}`, onchange: () => { often(); } }, ...HOW_OFTEN.map((how) => h("option", { value: how }, label(`notebook.${how}`))));
    every.value = one.every ?? "once";
    const often = () => { change({ do: "every", number, how: every.value, by_turns: turns.checked }); };
    return h(
      "li",
      {},
      h("p", {}, one.text),
      h("label", { for: owner.id }, label("notebook.owner")),
      owner,
      h("label", { for: due.id }, label("notebook.by")),
      due,
      ...(one.kind === "agreement" ? [h("label", { for: every.id }, label("notebook.often")), every, turns, h("label", { for: turns.id }, label("notebook.turns"))] : []),
      h("button", { id: `keep-${number}`, type: "button", class: "plain small", onclick: () => change({ do: "keep", number, kept: !one.kept }) }, label(one.kept ? "notebook.open" : "notebook.done")),
    );
  }

  return {
    element: dialog,
    open: () => open(change({})),
  };
}
