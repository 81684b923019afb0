// @ts-check
// What is shown while there is no session to see yet: on another device, and here between "Begin" and the first word.

import { h } from "./dom.js";
import { label } from "./labels.js";

/** @param {HTMLElement} place @param {string} title @param {string} text */
function shown(place, title, text) {
  place.replaceChildren(h("section", { class: "waiting", role: "status" }, h("h1", {}, title), h("p", { class: "soft" }, text)));
}

export class WaitingScreen {
  /** @param {HTMLElement} place */
  constructor(place) {
    shown(place, label("page.soon"), label("page.soon_what"));
  }

  tell() {}

  named() {
    document.title = label("page.title", { what: label("page.soon") });
  }
}

export class StartingScreen {
  /** @param {HTMLElement} place */
  constructor(place) {
    shown(place, label("page.starting"), label("page.starting_what"));
  }

  tell() {}

  named() {
    document.title = label("page.title", { what: label("page.starting") });
  }
}
