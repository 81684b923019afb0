// @ts-check
// What is shown while there is no session to see yet: on another device, and here between "Begin" and the first word.

import { h } from "./dom.js";

/** @param {HTMLElement} place @param {string} title @param {string} text */
function shown(place, title, text) {
  place.replaceChildren(h("section", { class: "waiting", role: "status" }, h("h1", {}, title), h("p", { class: "soft" }, text)));
}

export class WaitingScreen {
  /** @param {HTMLElement} place */
  constructor(place) {
    shown(place, "Soon", "The discussion is being set up. It appears here by itself as soon as it begins.");
  }

  tell() {}

  named() {
    document.title = "Facilitator: soon";
  }
}

export class StartingScreen {
  /** @param {HTMLElement} place */
  constructor(place) {
    shown(place, "One moment", "I am getting ready to listen. In a few seconds I say hello, and then everyone is asked by name.");
  }

  tell() {}

  named() {
    document.title = "Facilitator: one moment";
  }
}
