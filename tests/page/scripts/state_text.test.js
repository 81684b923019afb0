// @ts-check
// What the screen says about a moment: whose name is large, what the time is, who is heard.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { learn, listed } from "../../../facilitator/page/static/shared/labels.js";
import { floorText, isAsked, isHeard, markText, nowText, questionOf, readOut, roundText, timeText } from "../../../facilitator/page/static/session/state_text.js";
import { seat, session } from "./session.js";

const CHOICES = [{ value: 1, key: "y", label: "Yes" }, { value: 0, key: "n", label: "No" }];

before(() => learn({ language: "en", messages: {
  percent: "{number} %",
  and: "and", round: "round {number}", round_of: "round {number} of {of}",
  "floor.paused": "Paused", "floor.stands_still": "The time stands still.", "floor.introduce": "say a few sentences, please",
  "floor.asked": "is asked", "floor.has": "has the floor", "floor.next": "next: {name}",
  "time.learned": "of the voice learned", "time.so_far": "so far", "time.up": "time is up", "time.left": "time left",
  "now.guest": "a guest", "now.own_voice": "The facilitator is speaking", "now.one": "{names} is speaking",
  "now.several": "{names} are speaking", "now.somebody": "Somebody is speaking", "now.nobody": "Nobody is speaking",
  "now.cut_in": "{by} came in while {over} spoke",
} }));

test("who has the floor is large, and who comes next is beside it", () => {
  assert.deepEqual(floorText(session()), ["Ana", "has the floor · next: Ben"]);
  assert.deepEqual(floorText(session({ next: null })), ["Ana", "has the floor"]);
  assert.deepEqual(floorText(session({ ended: true })), ["Ana", "has the floor"]);
  assert.deepEqual(floorText(session({ stage_kind: "opening", next: null })), ["Ana", "say a few sentences, please"]);
});

test("a pause goes before everything", () => {
  assert.deepEqual(floorText(session({ paused: true, next: null })), ["Paused", "The time stands still."]);
  assert.equal(timeText(session({ paused: true })).figure, "");
  assert.equal(timeText(session({ paused: true })).timed, false);
});

test("where nobody has the floor, who speaks is large, but not while the program does", () => {
  const talk = { stage_kind: "talk", floor: null, next: null, speaking: ["Ana", "Ben"] };
  assert.deepEqual(floorText(session(talk)), ["Ana and Ben", ""]);
  assert.deepEqual(floorText(session({ ...talk, own_voice: true })), ["", ""]);
  assert.deepEqual(floorText(session({ ...talk, speaking: [], next: "Ben" })), ["", "next: Ben"]);
  assert.deepEqual(floorText(session({ ...talk, choices: CHOICES })), ["", ""]);
});

test("somebody is asked in stages that ask, and not by what is offered beside a talk", () => {
  assert.equal(isAsked(session({ stage_kind: "rate", choices: CHOICES })), true);
  assert.equal(isAsked(session({ stage_kind: "talk", choices: CHOICES })), false);
  assert.equal(isAsked(session({ stage_kind: "rate" })), false);
  assert.deepEqual(floorText(session({ stage_kind: "rate", choices: CHOICES, next: null })), ["Ana", "is asked"]);
});

test("a time runs down, and over", () => {
  assert.deepEqual(timeText(session({ left_s: 61 })), { figure: "1:01", words: "time left", timed: true, over: false, learning: false });
  assert.equal(timeText(session({ left_s: 30, used_s: 0 })).words, "time left"); // a turn of half a minute has no last minute
  assert.deepEqual(timeText(session({ left_s: 0 })), { figure: "0:00", words: "time is up", timed: true, over: true, learning: false });
  assert.equal(timeText(session({ left_s: -7 })).figure, "+0:07");
  assert.deepEqual(timeText(session({ left_s: null })), { figure: "0:05", words: "so far", timed: true, over: false, learning: false });
  assert.equal(timeText(session({ floor: null, left_s: null })).figure, "");
});

test("in the opening circle the figure is how much of the voice is learned", () => {
  const opening = session({ stage_kind: "opening", people: [seat({ state: "asked", enrolled: 0.42 })] });
  assert.deepEqual(timeText(opening), { figure: "42 %", words: "of the voice learned", timed: false, over: false, learning: true });
  assert.equal(timeText({ ...opening, people: [seat()] }).figure, "");
});

test("who is heard is said once, and nobody is invented", () => {
  assert.equal(nowText(session({ speaking: ["Ana"] })), "Ana is speaking");
  assert.equal(nowText(session({ speaking: ["Ana"], guest: true })), "Ana and a guest are speaking");
  assert.equal(nowText(session({ someone: true })), "Somebody is speaking");
  assert.equal(nowText(session()), "Nobody is speaking");
  assert.equal(nowText(session({ listening: false })), "");
  assert.equal(nowText(session({ away: true })), "", "without a microphone nobody knows whether somebody speaks");
  assert.equal(nowText(session({ own_voice: true, speaking: ["Ana"] })), "The facilitator is speaking");
  assert.equal(nowText(session({ ended: true, speaking: ["Ana"] })), "");
  assert.equal(isHeard(session({ own_voice: true, speaking: ["Ana"] })), false);
  assert.equal(isHeard(session({ guest: true })), true);
});

test("the last mark is told", () => {
  const marks = [{ id: 1, by: "Ana", over: "Ben" }, { id: 2, by: "Ben", over: "Ana" }];
  assert.equal(markText(session({ marks })), "Ben came in while Ana spoke");
  assert.equal(markText(session()), "");
});

test("rounds are counted where they are known", () => {
  assert.equal(roundText(session()), "round 1 of 2");
  assert.equal(roundText(session({ rounds: null })), "round 1");
  assert.equal(roundText(session({ round: null })), "");
});

test("what is read out is whose turn it is and what was said, not what is being said", () => {
  assert.equal(readOut(session()), "Ana has the floor · next: Ben. Ana, you have the floor.");
  assert.equal(readOut(session({ own_voice: true })), "Ana has the floor · next: Ben");
  assert.equal(readOut(session({ paused: true, floor: null, said: "" })), "Paused");
});

test("a slider stays where it is while its own question is said", () => {
  const slider = { least: 0, most: 100, step: 5 };
  const three = session({ people: [seat(), seat(), seat()], slider, choices: CHOICES });
  assert.equal(questionOf(three), questionOf({ ...three, said: "What share was yours?" }));
  assert.notEqual(questionOf(three), questionOf({ ...three, floor: "Ben" }));
  assert.equal(questionOf(session()), "");
});

test("names are listed as the language has it", () => {
  assert.equal(listed([]), "");
  assert.equal(listed(["Juan", "Inés"]), "Juan and Inés");
  const messages = { and: "y" };
  learn({ language: "es", messages, and_sound: { word: "e", before: ["i", "hi"], but_not: ["hia", "hie"] } });
  assert.equal(listed(["Ana", "Juan", "Íñigo"]), "Ana, Juan e Íñigo");
  assert.equal(listed(["Juan", "Ana"]), "Juan y Ana");
  learn({ language: "de", messages: { and: "und" } });
  assert.equal(listed(["Juan", "Inés"]), "Juan und Inés");
});
