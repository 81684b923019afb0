// @ts-check
// What a key means: an answer goes before a hand, a hand before a button.

import assert from "node:assert/strict";
import { test } from "node:test";

import { meant, nameOf } from "../../../facilitator/page/static/session/keys.js";
import { session } from "./session.js";

const NOTHING = { slider: false, mode: false };

test("keys have the names that buttons have", () => {
  assert.deepEqual([" ", "=", "P", "Enter", "1"].map(nameOf), ["space", "+", "p", "enter", "1"]);
});

test("a number answers while something is asked, and is a hand else", () => {
  const choices = [{ value: 4, key: "1", label: "one" }];
  assert.deepEqual(meant("1", session({ choices }), NOTHING), { do: "answer", value: 4 });
  assert.deepEqual(meant("1", session(), NOTHING), { do: "hand", person: "Ana" });
  assert.equal(meant("3", session(), NOTHING), null, "nobody sits there");
  assert.equal(meant("1", session({ hands: false }), NOTHING), null);
});

test("on a slider a number moves it and Enter answers", () => {
  const asked = session({ choices: [{ value: 40, key: "4", label: "40 %" }] });
  assert.deepEqual(meant("4", asked, { slider: true, mode: false }), { do: "slide", value: 40 });
  assert.deepEqual(meant("enter", asked, { slider: true, mode: false }), { do: "answer-slider" });
});

test("Enter is the space bar where there is no slider", () => {
  assert.deepEqual(meant("enter", session(), NOTHING), { do: "press", command: "next" });
  assert.deepEqual(meant("p", session(), NOTHING), { do: "press", command: "pause" });
  assert.equal(meant("q", session(), NOTHING), null, "there is no such button now");
});

test("airtime only where it can be changed, full screen always", () => {
  assert.equal(meant("v", session(), NOTHING), null);
  assert.deepEqual(meant("v", session(), { slider: false, mode: true }), { do: "mode" });
  assert.deepEqual(meant("f", session(), NOTHING), { do: "full-screen" });
});

test("an answer without a key is nobody's", () => {
  assert.equal(meant("", session({ choices: [{ value: 1, key: "", label: "Yes" }] }), NOTHING), null);
});
