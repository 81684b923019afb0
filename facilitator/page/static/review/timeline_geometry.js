// @ts-check
// The arithmetic of the timeline: what lies where, and which part of it is seen. Pure: numbers and texts in, numbers
// and texts out, in milliseconds of the session where nothing else is said.

export const LEAST_MS = 2000; // no closer
export const PAUSE_MS = 500; // shorter ones belong to an utterance
const LABEL_PX = 84;
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];

/** @typedef {{ start: number, end: number, counted: boolean, sure: number | null }} Piece */
/** @typedef {Piece & { lane: number }} Utterance one voice's, `sure` in percent */
/** @typedef {{ start: number, span: number }} View from when on, and for how long */

/** @param {number} value
 * @param {number} least
 * @param {number} most */
export function within(value, least, most) {
  return Math.min(most, Math.max(least, value));
}

/** The bars that a path is made of, in order: `M1200 5h300...` is one from 1.2 s to 1.5 s.
 * @param {string} path */
export function stretches(path) {
  return [...path.matchAll(/M(\d+) \d+h(\d+)/g)].map(([, start, length]) => ({ start: Number(start), end: Number(start) + Number(length) }));
}

/** The signs that a path is made of: when, and at which height in pixels.
 * @param {string} path */
export function moments(path) {
  return [...path.matchAll(/M(\d+) (\d+)/g)].map(([, at, y]) => ({ at: Number(at), y: Number(y) }));
}

/** One voice's pieces, those with hardly a pause between them made one; how sure is the mean.
 * @param {readonly Piece[]} pieces in order
 * @param {number} lane
 * @returns {Utterance[]} */
export function utterances(pieces, lane) {
  /** @type {Utterance[]} */
  const found = [];
  for (const piece of pieces) {
    const last = found.at(-1);
    if (last && last.counted === piece.counted && piece.start - last.end < PAUSE_MS) {
      const [one, other] = [last.end - last.start, piece.end - piece.start];
      last.sure = last.sure === null || piece.sure === null ? null : Math.round((last.sure * one + piece.sure * other) / Math.max(1, one + other));
      last.end = piece.end;
    } else found.push({ ...piece, lane });
  }
  return found;
}

/** Of stretches in order: the one at this moment, else the nearest.
 * @template {{ start: number, end: number }} S
 * @param {readonly S[]} said
 * @param {number} at
 * @returns {S | undefined} */
export function closest(said, at) {
  let [low, high] = [0, said.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (said[middle].end < at) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [said[low - 1], said[low]];
  if (!before || !after) return before ?? after;
  return at - before.end < Math.max(0, after.start - at) ? before : after;
}

/** The nearest view that there can be: not beyond the ends, and not closer than `LEAST_MS`.
 * @param {View} view
 * @param {number} end
 * @returns {View} */
export function heldView({ start, span }, end) {
  const held = Math.round(spanWithin(span, end));
  return { start: Math.round(within(start, 0, end - held)), span: held };
}

/** @param {number} span
 * @param {number} end */
export function spanWithin(span, end) {
  return within(span, Math.min(LEAST_MS, end), end);
}

/** Closer by this factor, about a moment that stays where it is; not yet held.
 * @param {View} view
 * @param {number} by
 * @param {number} about
 * @param {number} end
 * @returns {View} */
export function zoomed(view, by, about, end) {
  const part = (about - view.start) / view.span;
  const span = spanWithin(view.span / by, end);
  return { start: about - part * span, span };
}

/** The middle of what is seen of an utterance, or of the view where it is not seen.
 * @param {View} view
 * @param {{ start: number, end: number } | undefined} one */
export function middleOf({ start, span }, one) {
  const stop = start + span;
  if (!one || one.end <= start || one.start >= stop) return start + span / 2;
  return (Math.max(one.start, start) + Math.min(one.end, stop)) / 2;
}

/** The view that shows an utterance: this one if it does, else one with it in the middle, from its beginning where it
 *  is too long.
 * @param {View} view
 * @param {{ start: number, end: number }} one
 * @returns {View} */
export function viewOf(view, one) {
  if (one.start >= view.start && one.end <= view.start + view.span) return view;
  const length = one.end - one.start;
  return { start: length > view.span ? one.start : one.start - (view.span - length) / 2, span: view.span };
}

/** Where the axis is marked: round times, no closer than there is room for.
 * @param {View} view
 * @param {number} width in pixels
 * @returns {number[]} */
export function marksOfAxis({ start, span }, width) {
  const most = Math.max(2, Math.floor(width / LABEL_PX));
  const step = 1000 * (STEPS_S.find((s) => span / (1000 * s) <= most) ?? STEPS_S[STEPS_S.length - 1]);
  const found = [];
  for (let at = Math.ceil(start / step) * step; at < start + span; at += step) found.push(at);
  return found;
}

/** `4:12`, from an hour on `1:04:12`.
 * @param {number} ms */
export function clock(ms) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const whole = Math.round(ms / 1000);
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A sentence with its slots filled in.
 * @param {string | undefined} text
 * @param {Record<string, string | number>} [slots] */
export function filled(text, slots = {}) {
  return (text ?? "").replace(/\{(\w+)\}/g, (_, slot) => String(slots[slot] ?? ""));
}

/** @typedef {Record<string, string>} Words what a picture says, in its language */

/** @param {number} ms
 * @param {Words} words */
export function lasting(ms, words) {
  const [number, unit] = ms < 9950 ? [(ms / 1000).toFixed(1).replace(".", words.decimal), "seconds"] : ms < 59500 ? [Math.round(ms / 1000), "seconds"] : [clock(ms), "minutes"];
  return filled(words[unit], { number });
}

/** @param {{ told: string }} lane
 * @param {Piece} one
 * @param {Words} words */
export function telling(lane, one, words) {
  const sure = !one.counted ? words.not_counted : one.sure === null ? "" : filled(words.sure, { number: one.sure });
  const when = filled(words.from_to, { start: clock(one.start), end: clock(one.end) });
  return [lane.told, when, lasting(one.end - one.start, words), sure].filter(Boolean).join(" · ");
}
