// @ts-check
// What comes between: a note is typed, or who has come, and whether to finish is asked. Escape leaves both.

import { h } from "./dom.js";
import { label } from "./labels.js";

/** @param {import("./messages.js").Order} order */
export function dialogs(order) {
  const text = h("textarea", { id: "note", rows: "3", maxlength: "500" });
  const note = h("dialog", { "aria-labelledby": "note-title" });
  const keep = (/** @type {Event} */ event) => {
    event.preventDefault();
    const typed = text.value.trim();
    if (typed) order("note", { text: typed });
    text.value = "";
    note.close();
  };
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault(); // at once, so that the next key is a command again
      note.close();
    }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) keep(event);
  });
  note.append(
    h(
      "form",
      { onsubmit: keep },
      h("h2", { id: "note-title" }, label("note.title")),
      h("label", { for: "note", class: "soft" }, label("note.question")),
      text,
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "submit", class: "main" }, `${label("note.keep")} `, h("kbd", {}, "Enter")),
        h("button", { type: "button", class: "plain", onclick: () => note.close() }, `${label("note.leave")} `, h("kbd", {}, "Esc")),
      ),
    ),
  );
  const name = h("input", { id: "here", type: "text", maxlength: "40", autocomplete: "off" });
  const here = h("dialog", { "aria-labelledby": "here-title" });
  const welcome = (/** @type {Event} */ event) => {
    event.preventDefault();
    const typed = name.value.trim();
    if (typed) order("here", { person: typed });
    name.value = "";
    here.close();
  };
  name.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      here.close();
    }
  });
  here.append(
    h(
      "form",
      { onsubmit: welcome },
      h("h2", { id: "here-title" }, label("here.title")),
      h("label", { for: "here", class: "soft" }, label("here.question")),
      name,
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "submit", class: "main" }, `${label("here.keep")} `, h("kbd", {}, "Enter")),
        h("button", { type: "button", class: "plain", onclick: () => here.close() }, `${label("here.leave")} `, h("kbd", {}, "Esc")),
      ),
    ),
  );
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
    elements: [note, here, finish],
    open: () => note.open || here.open || finish.open,
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
