// @ts-check
// How far a ring is filled, and what is said below it.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { learn } from "../../../facilitator/page/static/shared/labels.js";
import { dashes, filledPart, RADIUS, ringWords } from "../../../facilitator/page/static/session/ring_text.js";
import { seat, session } from "./session.js";

before(() => learn({ language: "en", messages: {
  "person.known": "heard, thank you", "person.asked": "listening", "person.declined": "not listened to", "person.speaking": "speaking",
  "person.hand": "hand raised", "person.share": "{percent} % of the airtime", "floor.has": "has the floor", "floor.asked": "is asked",
} }));

test("a ring is a voice in the opening circle and airtime later", () => {
  assert.equal(filledPart(seat({ state: "asked", enrolled: 0.3 }), true), 0.3);
  assert.equal(filledPart(seat({ state: "known", enrolled: 0.3 }), true), 1);
  assert.equal(filledPart(seat({ ring: { filled: 0.25, words: null } }), false), 0.25);
  assert.equal(filledPart(seat(), false), 0, "hidden airtime fills nothing");
});

test("dashes go as far around as is filled", () => {
  const around = (2 * Math.PI * RADIUS).toFixed(1);
  assert.equal(dashes(1), `${around} ${around}`);
  assert.equal(dashes(0), `0.0 ${around}`);
  assert.equal(Number(dashes(0.5).split(" ")[0]), Number((Math.PI * RADIUS).toFixed(1)));
});

test("speaking goes before the floor, and everything that is so is said", () => {
  const shown = seat({ floor: true, hand: true, ring: { filled: 0.254, words: "share" } });
  assert.equal(ringWords(shown, session()), "has the floor\u00a0· hand raised\u00a0· 25\u00a0% of the airtime");
  assert.equal(ringWords({ ...shown, speaking: true }, session()), "speaking\u00a0· hand raised\u00a0· 25\u00a0% of the airtime");
  assert.equal(ringWords({ ...shown, speaking: true }, session({ own_voice: true })), "has the floor\u00a0· hand raised\u00a0· 25\u00a0% of the airtime");
  assert.equal(ringWords(seat({ floor: true }), session({ stage_kind: "rate" })), "is asked");
  assert.equal(ringWords(seat(), session()), "");
});

test("in the opening circle only how far the voice is known is said", () => {
  const opening = session({ stage_kind: "opening" });
  assert.equal(ringWords(seat({ state: "asked", speaking: true, floor: true }), opening), "listening");
});

test("who is not listened to is told so only where somebody is", () => {
  assert.equal(ringWords(seat({ state: "declined" }), session()), "not listened to");
  assert.equal(ringWords(seat({ state: "declined" }), session({ listening: false })), "");
});
