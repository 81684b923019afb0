// @ts-check
// What comes between: a note is typed, or who has come, and whether to finish is asked. Escape leaves both.

import { h } from "./dom.js";
import { label } from "./labels.js";

/** A wide dialog with a title and what it is for, a place for what goes wrong, and what is in it. Whoever opens it begins at
 * the title: there is more than a question to read, and "Close" comes last.
 * @param {string} name of its words, and of the class of what is in it */
export function panel(name) {
  const problem = h("p", { class: "problem", role: "alert" });
  const inside = h("div", { class: name });
  const title = h("h2", { id: `${name}-title`, tabindex: "-1" }, label(`${name}.title`));
  const dialog = h(
    "dialog",
    { class: "wide", "aria-labelledby": title.id },
    title,
    h("p", { class: "soft" }, label(`${name}.what`)),
    problem,
    inside,
    h("div", { class: "buttons" }, h("button", { type: "button", class: "plain", onclick: () => { dialog.close(); } }, label("share.close"))),
  );
  return {
    dialog,
    problem,
    /** Once what is in it is there: a Tab pressed before would find "Close" alone.
     * @param {Promise<void>} filled */
    async open(filled) {
      await filled;
      if (!dialog.open) dialog.showModal();
      title.focus();
    },
    /** What is in it from now on. Whoever is at a field stays at that of the same `id`, or begins again at the title.
     * @param {...HTMLElement} entries */
    fill(...entries) {
      const at = document.activeElement;
      const within = inside.contains(at);
      inside.replaceChildren(...entries);
      if (within) ((at?.id && document.getElementById(at.id)) || title).focus();
    },
  };
}

/** Something is typed: Enter sends it, Escape gives it up.
 * @template {HTMLTextAreaElement | HTMLInputElement} F
 * @param {F} field
 * @param {{ title: string, question: string, keep: string, leave: string }} words
 * @param {(typed: string) => void} send */
function typing(field, words, send) {
  const dialog = h("dialog", { "aria-labelledby": `${field.id}-title` });
  const keep = (/** @type {Event} */ event) => {
    event.preventDefault();
    const typed = field.value.trim();
    if (typed) send(typed);
    field.value = "";
    dialog.close();
  };
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape") {
      event.preventDefault(); // at once, so that the next key is a command again
      dialog.close();
    }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) keep(event);
  };
  field.addEventListener("keydown", /** @type {EventListener} */ (pressed));
  dialog.append(
    h(
      "form",
      { onsubmit: keep },
      h("h2", { id: `${field.id}-title` }, words.title),
      h("label", { for: field.id, class: "soft" }, words.question),
      field,
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "submit", class: "main" }, `${words.keep} `, h("kbd", {}, "Enter")),
        h("button", { type: "button", class: "plain", onclick: () => dialog.close() }, `${words.leave} `, h("kbd", {}, "Esc")),
      ),
    ),
  );
  return dialog;
}

/** Who was it that spoke last? A name, by click or by the number of the seat.
 * @param {import("./messages.js").Order} order */
function whoWas(order) {
  const names = h("div", { class: "buttons" });
  const dialog = h("dialog", { "aria-labelledby": "was-title" });
  const leave = h("button", { type: "button", class: "plain", onclick: () => dialog.close() }, `${label("here.leave")} `, h("kbd", {}, "Esc"));
  dialog.append(h("h2", { id: "was-title" }, label("button.was")), names, h("div", { class: "buttons" }, leave));
  /** @type {string[]} */
  let people = [];
  const chosen = (/** @type {string} */ person) => {
    dialog.close();
    order("was", { person });
  };
  dialog.addEventListener("keydown", (event) => {
    const person = people[Number(event.key) - 1];
    if (person) chosen(person);
    if (event.key === "Escape") {
      event.preventDefault();
      dialog.close();
    }
  });
  /** @param {import("./messages.js").Session} state */
  const ask = (state) => {
    people = state.people.filter((person) => person.state === "known" && person.name !== state.last).map((person) => person.name);
    names.replaceChildren(
      ...people.map((person, place) => h("button", { type: "button", onclick: () => chosen(person) }, `${person} `, h("kbd", {}, String(place + 1)))),
    );
    dialog.showModal();
  };
  return { dialog, ask };
}

/** @param {import("./messages.js").Order} order */
export function dialogs(order) {
  const text = h("textarea", { id: "note", rows: "3", maxlength: "500" });
  const note = typing(
    text,
    { title: label("note.title"), question: label("note.question"), keep: label("note.keep"), leave: label("note.leave") },
    (typed) => order("note", { text: typed }),
  );
  const name = h("input", { id: "here", type: "text", maxlength: "40", autocomplete: "off" });
  const here = typing(
    name,
    { title: label("here.title"), question: label("here.question"), keep: label("here.keep"), leave: label("here.leave") },
    (typed) => order("here", { person: typed }),
  );
  const was = whoWas(order);
  const finish = h("dialog", { "aria-labelledby": "finish-title" });
  const yes = h("button", { type: "submit", class: "main" }, `${label("finish.yes")} `, h("kbd", {}, "y"));
  const end = (/** @type {Event} */ event) => {
    event.preventDefault();
    finish.close();
    order("finish");
  };
  finish.append(
    h(
      "form",
      { onsubmit: end },
      h("h2", { id: "finish-title" }, label("finish.title")),
      h("p", { class: "soft" }, label("finish.what")),
      h(
        "div",
        { class: "buttons" },
        yes,
        h("button", { type: "button", class: "plain", onclick: () => finish.close() }, `${label("finish.no")} `, h("kbd", {}, "n")),
      ),
    ),
  );
  finish.addEventListener("keydown", (event) => {
    if (event.key === "y") end(event);
    if (event.key === "n" || event.key === "Escape") {
      event.preventDefault();
      finish.close();
    }
  });
  return {
    elements: [note, here, was.dialog, finish],
    open: () => note.open || here.open || was.dialog.open || finish.open,
    was: was.ask,
    here() {
      here.showModal();
      name.focus();
    },
    note() {
      note.showModal();
      text.focus();
    },
    finish() {
      finish.showModal();
      yes.focus();
    },
  };
}
