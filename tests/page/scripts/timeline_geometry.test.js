// @ts-check
// The arithmetic of the timeline.

import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, closest, heldView, lasting, LEAST_MS, marksOfAxis, middleOf, moments, stretches, telling, utterances, viewOf, zoomed } from "../../../facilitator/page/static/review/timeline_geometry.js";

const HOUR_MS = 3_600_000;

/** @param {number} start
 * @param {number} end
 * @param {number | null} sure */
const piece = (start, end, sure = 90, counted = true) => ({ start, end, sure, counted });

test("bars and signs are read out of the paths that are drawn", () => {
  assert.deepEqual(stretches("M0 5h1200M1500 5h20"), [{ start: 0, end: 1200 }, { start: 1500, end: 1520 }]);
  assert.deepEqual(moments("M300 17l4 4M900 40l4 4"), [{ at: 300, y: 17 }, { at: 900, y: 40 }]);
  assert.deepEqual(stretches(""), []);
});

test("pieces with hardly a pause are one utterance, as sure as their mean", () => {
  assert.deepEqual(utterances([piece(0, 1000, 90), piece(1200, 1500, 50), piece(2100, 3000)], 2), [
    { start: 0, end: 1500, sure: 81, counted: true, lane: 2 },
    { start: 2100, end: 3000, sure: 90, counted: true, lane: 2 },
  ]);
  assert.equal(utterances([piece(0, 100), piece(200, 300, 90, false)], 0).length, 2, "what does not count stays apart");
  assert.equal(utterances([piece(0, 100, null), piece(200, 300)], 0)[0].sure, null, "nobody says how sure it is");
});

test("utterances lose and invent no time, whatever the pieces", () => {
  let seed = 7;
  const chance = (/** @type {number} */ most) => (seed = (seed * 1103515245 + 12345) % 2147483648) % most;
  for (let run = 0; run < 200; run += 1) {
    let at = 0;
    const pieces = Array.from({ length: 1 + chance(20) }, () => {
      const start = at + chance(900);
      at = start + 1 + chance(3000);
      return piece(start, at, chance(101), chance(4) > 0);
    });
    const found = utterances(pieces, 0);
    assert.deepEqual([found[0].start, found.at(-1)?.end], [pieces[0].start, pieces.at(-1)?.end]);
    for (const one of pieces) assert.ok(found.some((other) => other.start <= one.start && one.end <= other.end && other.counted === one.counted));
    for (const one of found) assert.ok(one.sure !== null && one.sure >= 0 && one.sure <= 100);
  }
});

test("the closest is the one at that moment, else the nearer neighbour", () => {
  const said = [piece(0, 1000), piece(3000, 4000), piece(10_000, 11_000)];
  assert.equal(closest(said, 500), said[0]);
  assert.equal(closest(said, 1900), said[0]);
  assert.equal(closest(said, 2100), said[1]);
  assert.equal(closest(said, 99_000), said[2]);
  assert.equal(closest([], 5), undefined);
});

test("a view stays within the session and never gets too close", () => {
  assert.deepEqual(heldView({ start: -500, span: HOUR_MS * 2 }, HOUR_MS), { start: 0, span: HOUR_MS });
  assert.deepEqual(heldView({ start: HOUR_MS, span: 1 }, HOUR_MS), { start: HOUR_MS - LEAST_MS, span: LEAST_MS });
  assert.deepEqual(heldView({ start: 0, span: 1 }, 900), { start: 0, span: 900 }, "a session shorter than the closest view");
});

test("what is zoomed about stays where it is", () => {
  const before = { start: 600_000, span: 1_200_000 };
  const about = 900_000;
  for (const by of [2, 1 / 2, 3.7]) {
    const after = zoomed(before, by, about, HOUR_MS);
    assert.ok(Math.abs((about - after.start) / after.span - (about - before.start) / before.span) < 1e-9);
  }
  assert.equal(zoomed(before, 1e9, about, HOUR_MS).span, LEAST_MS);
});

test("zooming goes about what is chosen, as far as it is seen", () => {
  const view = { start: 1000, span: 4000 };
  assert.equal(middleOf(view, undefined), 3000);
  assert.equal(middleOf(view, piece(0, 2000)), 1500);
  assert.equal(middleOf(view, piece(6000, 7000)), 3000);
});

test("going to an utterance moves no more than is needed", () => {
  const view = { start: 10_000, span: 10_000 };
  assert.equal(viewOf(view, piece(12_000, 13_000)), view);
  assert.deepEqual(viewOf(view, piece(30_000, 32_000)), { start: 26_000, span: 10_000 });
  assert.deepEqual(viewOf(view, piece(30_000, 60_000)), { start: 30_000, span: 10_000 }, "one that is too long begins at the edge");
});

test("the axis has round times and room for them", () => {
  assert.deepEqual(marksOfAxis({ start: 0, span: 60_000 }, 84 * 6), [0, 10_000, 20_000, 30_000, 40_000, 50_000]);
  assert.deepEqual(marksOfAxis({ start: 61_000, span: 60_000 }, 84 * 2), [90_000, 120_000]);
  for (const span of [2_000, 45_000, 900_000, 10 * HOUR_MS, 400 * HOUR_MS]) {
    const marks = marksOfAxis({ start: 0, span }, 1000);
    assert.ok(marks.length >= 1 && marks.length <= 18, `${marks.length} marks for ${span} ms`);
  }
});

/** @type {import("../../../facilitator/page/static/review/timeline_geometry.js").Words} */
const WORDS = { decimal: ".", seconds: "{number} s", minutes: "{number} min", sure: "{number} % sure", not_counted: "not counted", from_to: "{start} to {end}" };

test("times are read as everywhere", () => {
  assert.deepEqual([0, 59_499, 252_000, HOUR_MS + 252_000].map(clock), ["0:00", "0:59", "4:12", "1:04:12"]);
  assert.deepEqual([1_250, 9_949, 12_400, 61_000].map((ms) => lasting(ms, WORDS)), ["1.3 s", "9.9 s", "12 s", "1:01 min"]);
  assert.deepEqual(lasting(1_250, { ...WORDS, decimal: "," }), "1,3 s");
  assert.equal(telling({ told: "Ana" }, piece(1000, 3000, 88), WORDS), "Ana · 0:01 to 0:03 · 2.0 s · 88 % sure");
  assert.equal(telling({ told: "Ana" }, piece(1000, 3000, 88, false), WORDS), "Ana · 0:01 to 0:03 · 2.0 s · not counted");
});
