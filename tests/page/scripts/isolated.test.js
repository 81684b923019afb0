// @ts-check
// A name that is written from the right turns nothing round that stands beside it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { isolated } from "../../../facilitator/page/static/shared/isolated.js";

test("what is written from the left stays as it is", () => {
  for (const text of ["", "Ana, Zoë and Łukasz · 50 %", "Ана, 佐藤"]) assert.equal(isolated(text), text);
});

test("each name is a thing of its own, both of its words in it", () => {
  assert.equal(isolated("דנה כהן, יוסי and Ben: 50 %"), "\u2068דנה כהן\u2069, \u2068יוסי\u2069 and Ben: 50 %");
  assert.equal(isolated("next: عمر (3)"), "next: \u2068عمر\u2069 (3)");
});
