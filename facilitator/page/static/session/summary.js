// @ts-check
// The end: what mattered most, what everyone guessed and what was measured beside each other, three figures, what was agreed
// on, one question; all else is folded.

import { h, length } from "../shared/dom.js";
import { label, listed, percent } from "../shared/labels.js";

/** @typedef {import("../shared/messages.js").Summary} Summary */
/** @typedef {import("../shared/messages.js").SummaryPerson} SummaryPerson */

/** @param {Summary} summary */
export function summaryOf(summary) {
  const guesses = summary.guesses;
  const guessed = Object.keys(guesses).length > 0;
  const question = summary.question ? h("p", { class: "question", lang: summary.language }, summary.question) : null;
  return [
    h("h1", {}, label("summary.title")),
    h("p", { class: "first", lang: summary.language }, summary.first),
    summary.has_shares
      ? h(
          "section",
          { class: "shares" },
          h("h2", {}, label(guessed ? "summary.guessed" : "summary.airtime")),
          h("p", { class: "soft small" }, [label("summary.bracket"), guessed ? label("summary.triangle") : ""].join(" ").trim()),
          h("ul", {}, summary.people.map((person) => share(person, guesses[person.name]))),
        )
      : null,
    summary.glance.length ? h("dl", { class: "glance" }, summary.glance.map(({ what, figure }) => h("div", {}, h("dt", {}, what), h("dd", {}, figure)))) : null,
    summary.agreed.length
      ? h("section", {}, h("h2", {}, label("summary.agreed")), h("ul", { class: "lines" }, summary.agreed.map((one) => h("li", {}, agreed(one)))))
      : null,
    question,
    h(
      "details",
      {},
      h("summary", {}, label("summary.more_figures")),
      summary.first === summary.told ? null : h("p", { class: "lead" }, summary.told),
      summary.has_shares ? table(summary.people) : null,
      h("ul", { class: "lines" }, summary.details.map((line) => h("li", {}, line))),
    ),
    h("details", {}, h("summary", {}, label("summary.how")), h("ul", { class: "lines" }, summary.rules.map((line) => h("li", {}, line)))),
    summary.again ? h("p", { class: "again soft" }, `${label("summary.again")} `, h("code", {}, summary.again)) : null,
  ].filter((part) => part !== null);
}

/** @type {Record<string, string>} */
const OF_THE_ROOM = { waiting: "after.handing_over", fetched: "after.handed_over" };

/** What can be done on this computer once it is stored: read all of it, keep it as a file, begin the next one. Where nothing
 * was counted and nothing agreed on, the review is no more than the order of events, and the next one comes first.
 * @param {import("../shared/messages.js").After} after
 * @param {Summary | null} summary
 * @param {import("../shared/messages.js").Order} order */
export function afterwards({ session, another, room, told }, summary, order) {
  const worth = !another || summary === null || summary.has_shares || summary.glance.length + summary.agreed.length > 0;
  const review = h("button", { type: "button", class: worth ? "main" : "", onclick: () => order("review") }, label("after.review"));
  const next = h("button", { type: "button", class: worth ? "" : "main", onclick: () => order("next-session") }, label("after.next"));
  return [
    ...(worth ? [review] : [next, review]),
    h("a", { class: "as-button", href: `save/${session}.html`, download: "" }, label("after.save")),
    ...(another && worth ? [next] : []),
    ...(room === "ask" || room === "failed" ? [h("button", { type: "button", onclick: () => order("hand-over") }, label("after.hand_over"))] : []),
    ...(room ? [h("div", { class: "soft small", role: "status" }, told ? told.split("\n").map((line) => h("p", {}, line)) : h("p", {}, label(OF_THE_ROOM[room])))] : []),
  ];
}

/** @param {import("../shared/messages.js").AgreedItem} item */
function agreed({ text, owner, by }) {
  const more = [owner, by].filter(Boolean).join(", ");
  return more ? `${text} (${more})` : text;
}

/** @param {SummaryPerson} person
 * @param {number | undefined} guess in percent */
function share(person, guess) {
  const bar = h("div", { class: "share-bar", "aria-hidden": "true" });
  const range = h("span", { class: "range" });
  range.style.left = `${100 * person.share_low}%`;
  range.style.width = `${100 * (person.share_high - person.share_low)}%`;
  const measured = h("span", { class: "measured" });
  measured.style.width = `${100 * person.share}%`;
  bar.append(measured, range);
  if (guess !== undefined) {
    const mark = h("span", { class: "guess" });
    mark.style.left = `${guess}%`;
    bar.append(mark);
  }
  const words = [
    label("person_line.talk", { time: length(person.airtime_s) }),
    label("person_line.likely", { low: Math.round(100 * person.share_low), high: percent(person.share_high) }),
    ...(guess === undefined ? [] : [label("person_line.guessed", { guess: percent(guess / 100) })]),
  ];
  return h(
    "li",
    {},
    h("p", { class: "line" }, h("bdi", { class: "name" }, person.name), h("span", { class: "figure" }, percent(person.share))),
    bar,
    h("p", { class: "soft small parts" }, words.flatMap((part, place) => [place ? h("span", { class: "dot" }, " · ") : null, h("span", { class: "whole" }, part)])),
  );
}

/** @param {SummaryPerson[]} people */
function table(people) {
  const heads = ["", ...["turns", "longest", "cut_in", "was_cut_in_on", "given_back"].map((head) => label(`summary.${head}`))];
  const row = (/** @type {SummaryPerson} */ person) => [person.turns, length(person.longest_turn_s), person.cut_ins_made, person.cut_ins_received, person.repaid_s ? length(person.repaid_s) : "–"];
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": label("summary.figures_of", { names: listed(people.map((person) => person.name)) }) },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, heads.map((head) => (head ? h("th", { scope: "col" }, head) : h("td", {}))))),
      h("tbody", {}, people.map((person) => h("tr", {}, h("th", { scope: "row" }, h("bdi", {}, person.name)), row(person).map((cell) => h("td", {}, String(cell)))))),
    ),
  );
}
