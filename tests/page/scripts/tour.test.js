// @ts-check
// What the demonstration explains, and when: what happens goes before what goes on.

import assert from "node:assert/strict";
import { test } from "node:test";

import { stepOf } from "../../../facilitator/page/static/session/tour.js";
import { session } from "./session.js";

const CHOICES = [{ value: 1, key: "y", label: "yes" }];

test("each thing is explained as it happens, and once", () => {
  /** @type {Set<string>} */
  const seen = new Set();
  const told = [
    session({ stage_kind: "opening", choices: CHOICES }),
    session({ stage_kind: "opening" }),
    session({ stage_kind: "turns" }),
    session({ stage_kind: "turns", marks: [{ id: 1, by: "Ben", over: "Ana" }] }),
    session({ stage_kind: "turns" }),
    session({ stage_kind: "talk", own_voice: true, said: "Now the talk is open." }),
    session({ stage_kind: "talk" }),
    session({ stage_kind: "talk", own_voice: true, said: "Ben, would you like to come in?" }),
    session({ stage_kind: "talk", choices: CHOICES }),
    session({ stage_kind: "closing", slider: { least: 0, most: 100, step: 5 } }),
    session({ stage_kind: "closing" }),
    session({ stage_kind: "closing", ended: true }),
  ].map((state) => {
    const step = stepOf(state, seen);
    if (step) seen.add(step);
    return step;
  });
  assert.deepEqual(told, ["consent", "voice", "floor", "cut_in", null, null, "talk", "invite", "agreement", "guess", "closing", "end"]);
});
