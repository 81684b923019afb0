// @ts-check
// Where people sit on the map, and where arrows begin and end.

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrow, places } from "../../../facilitator/page/static/session/table_map.js";

test("the first sits at the top, the others follow clockwise, as large as their part", () => {
  const [ana, ben, carla] = places([{ filled: 0.5 }, { filled: 0.25 }, { filled: 0 }]);
  assert.ok(ana && ben && carla);
  assert.ok(ana.y < ben.y && ben.x > carla.x);
  assert.ok(Math.abs(ana.r ** 2 / ben.r ** 2 - 2) < 0.01, "the area is the part");
  assert.ok(carla.r > 0, "whoever has not spoken has a seat");
});

test("twelve seats do not touch", () => {
  const seats = places(Array.from({ length: 12 }, () => ({ filled: 1 / 12 })));
  for (const [number, one] of seats.entries()) {
    const next = seats[(number + 1) % 12];
    assert.ok(next && Math.hypot(one.x - next.x, one.y - next.y) > one.r + next.r);
  }
});

test("an arrow leads from edge to edge", () => {
  const [from, to] = [{ x: 0, y: 0, r: 10 }, { x: 100, y: 0, r: 10 }];
  const { line, head } = arrow(from, to);
  const [x = 0, y = 0] = (line.match(/-?[\d.]+/g) ?? []).map(Number);
  assert.ok(Math.abs(Math.hypot(x, y) - 12) < 0.2);
  const [tipX = 0, tipY = 0] = head.split(/[ ,]/).map(Number);
  assert.ok(Math.abs(Math.hypot(tipX - 100, tipY) - 12) < 0.2);
});
