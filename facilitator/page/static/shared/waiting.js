// @ts-check
// What another device shows while there is no session to see.

import { h } from "./dom.js";

export class WaitingScreen {
  /** @param {HTMLElement} place */
  constructor(place) {
    place.replaceChildren(
      h("section", { class: "waiting" }, h("h1", {}, "Soon"), h("p", { class: "soft" }, "The discussion is being set up. It appears here by itself as soon as it begins.")),
    );
  }

  tell() {}

  named() {
    document.title = "Facilitator: soon";
  }
}
