// @ts-check
// Questions to the program that it answers at once, with JSON.

import { label } from "./labels.js";

/** Gives back what it answers, or {sentence} where it refuses or cannot be reached.
 * @param {string} path
 * @param {object} [sent]
 * @returns {Promise<any>} */
export async function ask(path, sent) {
  /** @type {RequestInit} */
  const how = sent === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(sent) };
  try {
    const answer = await fetch(path, how);
    if (answer.ok || answer.status === 409 || answer.status === 400) return await answer.json();
    return { sentence: label("review.failed") };
  } catch {
    return { sentence: label("review.no_answer") };
  }
}
