// @ts-check
// What a key means at this moment. Pure; `session.js` does it.

/** @typedef {import("../shared/messages.js").Session} Session */
/** @typedef {{ do: "answer", value: number } | { do: "answer-slider" } | { do: "slide", value: number } |
 *   { do: "hand", person: string } | { do: "press", command: string } | { do: "mode" } | { do: "more" } | { do: "view" } | { do: "full-screen" }} Meant */

/** The name of a key as buttons and answers have it.
 * @param {string} key */
export function nameOf(key) {
  return key === " " ? "space" : key === "=" ? "+" : key.toLowerCase();
}

/** An answer goes before a hand, a hand before a button: while something is asked, numbers answer it.
 * @param {string} pressed a name of `nameOf`
 * @param {Session} state
 * @param {{ slider: boolean, mode: boolean }} shown whether a slider and the button for airtime are on the screen
 * @returns {Meant | null} */
export function meant(pressed, state, shown) {
  if (shown.slider && pressed === "enter") return { do: "answer-slider" };
  const choice = state.choices.find((one) => one.key && one.key === pressed);
  if (choice) return { do: shown.slider ? "slide" : "answer", value: choice.value };
  const seat = /^[1-9]$/.test(pressed) && state.hands ? state.people[Number(pressed) - 1] : undefined;
  if (seat) return { do: "hand", person: seat.name };
  const button = state.buttons.find((one) => one.key === (pressed === "enter" ? "space" : pressed));
  if (button) return { do: "press", command: button.command };
  if (pressed === ".") return { do: "more" };
  if (pressed === "x") return { do: "view" };
  if (pressed === "v" && shown.mode) return { do: "mode" };
  return pressed === "f" ? { do: "full-screen" } : null;
}
