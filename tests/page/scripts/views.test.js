// @ts-check
// The calm view says how the time stands, and nothing of anybody.

import assert from "node:assert/strict";
import { test } from "node:test";

import { moodOf } from "../../../facilitator/page/static/shared/views.js";
import { meant } from "../../../facilitator/page/static/session/keys.js";
import { session } from "./session.js";

test("the colour goes by the time alone", () => {
  const at = (/** @type {number | null} */ left_s) => moodOf(session({ floor: "Ana", left_s }));
  assert.deepEqual([61, 60, 1, 0, -20, null].map(at), ["talk", "soon", "soon", "over", "over", "talk"]);
  assert.equal(moodOf(session({ floor: null, left_s: 5 })), "talk");
  assert.equal(moodOf(session({ paused: true, left_s: 5 })), "still");
});

test("the views and what is behind More have keys", () => {
  const nothing = { slider: false, mode: false };
  assert.deepEqual(meant("x", session(), nothing), { do: "view" });
  assert.deepEqual(meant(".", session(), nothing), { do: "more" });
});
