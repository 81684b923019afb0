// @ts-check
// A stored session: its review, the other sessions and the trends to go to, files to save, and putting right.

import { corrections } from "./corrections.js";
import { joint } from "./joint.js";
import { ask } from "../shared/ask.js";
import { notebook } from "../shared/notebook.js";
import { h, inside, keyed, put, say, shown } from "../shared/dom.js";
import { label } from "../shared/labels.js";
import { timeline } from "./timeline.js";

/** @typedef {import("../shared/messages.js").Correction} Correction */
/** @typedef {import("../shared/messages.js").ReviewFound} ReviewFound */
/** @typedef {{ session: number, told: string }} Listed */

const FILES = ["html", "md", "csv", "rttm"];

export class ReviewScreen {
  /** @param {HTMLElement} place
   * @param {import("../shared/messages.js").Around} around */
  constructor(place, { notice, order }) {
    this.notice = notice;
    /** @type {number | null} */
    this.session = null;
    /** @type {number | null} */
    this.first = null; // what was asked for in the terminal
    /** @type {Listed[]} */
    this.sessions = [];
    /** @type {ReviewFound | null} */
    this.found = null;
    /** @type {ReturnType<typeof timeline> | null} */
    this.picture = null;
    this.change = this.latest = 0;
    this.unfolded = false; // whether all of it is to be seen
    this.busy = false;
    this.words = "";
    this.dialogs = corrections((wish) => this.correct(wish), (wish) => this.corrected(wish));
    this.joint = joint();
    this.notebook = notebook();
    this.jointly = h("button", { type: "button", class: "plain", onclick: () => this.session !== null && this.joint.open(this.session) }, label("joint.title"));
    this.agreed = h("button", { type: "button", class: "plain", onclick: () => this.notebook.open() }, label("notebook.title"));
    this.which = h("select", { id: "which", onchange: () => { this.to(this.which.value); } });
    this.earlier = h("button", { type: "button", class: "plain", onclick: () => this.step(1) }, label("review.earlier"));
    this.later = h("button", { type: "button", class: "plain", onclick: () => this.step(-1) }, label("review.later"));
    this.trends = h("button", { type: "button", class: "plain", "aria-pressed": "false", onclick: () => this.to(this.asked() === "trends" ? (this.session ?? this.first) : "trends") }, label("review.trends"));
    this.next = h("button", { type: "button", class: "plain", hidden: true, onclick: () => order("next-session") }, label("after.next"));
    this.files = h("ul", {});
    this.save = h("details", { class: "save" }, h("summary", {}, label("review.save")), this.files);
    this.article = h("div", { class: "told-here written", tabindex: "-1" }, h("p", { class: "hello" }, label("page.moment")));
    this.names = h("ul", { class: "who-is-who" });
    this.made = h("ol", { class: "made" });
    this.madeTitle = h("h3", { tabindex: "-1" }, label("review.so_far"));
    this.soFar = h("div", { class: "so-far" }, this.madeTitle, this.made);
    this.closed = h("p", { class: "soft" }, label("review.not_ended"));
    this.how = h("p", { class: "soft" }, label("review.put_right_what"));
    this.open = h(
      "div",
      {},
      this.how,
      this.names,
      this.soFar,
    );
    this.right = h("section", { class: "right" }, h("h2", {}, label("review.put_right")), this.closed, this.open);
    this.root = h(
      "div",
      { class: "desk" },
      h("header", {}, h("label", { for: "which" }, label("review.session")), this.which, this.earlier, this.later, h("span", { class: "gap" }), this.trends, this.agreed, this.jointly, this.save, this.next),
      this.article,
    );
    this.save.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.save.open) return;
      this.save.open = false;
      inside(this.save, "summary").focus();
    });
    place.replaceChildren(this.root, ...this.dialogs.elements, this.joint.element, this.notebook.element);
    this.wandered = () => this.go();
    window.addEventListener("hashchange", this.wandered);
  }

  leave() {
    window.removeEventListener("hashchange", this.wandered);
    history.replaceState(null, "", location.pathname);
    this.picture?.leave();
  }

  over() {
    this.ended = true;
    /** @type {NodeListOf<HTMLButtonElement | HTMLSelectElement>} */
    const ways = this.root.querySelectorAll("button, select");
    for (const one of ways) one.disabled = true;
  }

  /** @param {import("../shared/messages.js").Message} message */
  tell({ topic, body }) {
    if (topic === "changed") this.changed(body);
    if (topic === "after") shown(this.next, body.another);
    if (topic !== "review" || this.first !== null) return;
    this.first = body.session;
    if (!this.asked()) history.replaceState(null, "", `#${body.session}`);
    this.list().then(() => this.go());
  }

  // -- from one to the other --------------------------------------------------------------------

  /** What the address says: a session's number, "trends", or nothing.
   * @returns {number | "trends" | null} */
  asked() {
    const name = location.hash.slice(1);
    return name === "trends" ? name : /^\d+$/.test(name) ? Number(name) : null;
  }

  /** @param {string | number | null} what */
  to(what) {
    location.hash = String(what);
  }

  /** @param {number} by */
  step(by) {
    const place = this.sessions.findIndex((one) => one.session === this.session) + by;
    if (this.sessions[place]) this.to(this.sessions[place].session);
  }

  async list() {
    /** @type {{ sessions?: Listed[], sentence?: string }} */
    const { sessions = [], sentence = "" } = await ask("sessions");
    this.notice("sessions", sentence);
    this.sessions = sessions;
    this.which.replaceChildren(...sessions.map((one) => h("option", { value: one.session }, one.told)));
  }

  async go() {
    const what = this.asked();
    if (what === "trends") await this.showTrends();
    else if (what !== null) await this.showSession(what);
  }

  async showTrends() {
    this.trends.setAttribute("aria-pressed", "true");
    const { html, sentence } = await ask("trends");
    if (this.asked() !== "trends") return;
    this.fill(html, sentence);
    document.title = label("page.title", { what: label("review.trends") });
    this.article.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  /** @param {number} number
   * @param {import("./timeline.js").Seen | null} view */
  async showSession(number, view = null) {
    this.trends.setAttribute("aria-pressed", "false");
    /** @type {ReviewFound} */
    const found = await ask(`review/${number}`);
    if (this.asked() !== number) return; // somebody went on in the meantime
    const another = this.session !== number;
    this.session = number;
    this.found = found;
    this.which.value = String(number);
    const place = this.sessions.findIndex((one) => one.session === number);
    this.earlier.disabled = place < 0 || place >= this.sessions.length - 1;
    this.later.disabled = place <= 0;
    this.fill(found.html, found.sentence);
    if (found.sentence) return;
    document.title = label("page.title", { what: found.title });
    this.files.replaceChildren(...FILES.map((form) => h("li", {}, h("a", { href: `save/${number}.${form}`, download: "" }, label(`review.${form}`)))));
    this.putRight(found, view);
    if (another) say(found.title);
  }

  /** Puts in what the program made: HTML in which every word that somebody chose is escaped.
   * @param {string | undefined} html
   * @param {string | undefined} sentence */
  fill(html, sentence) {
    this.picture?.leave();
    this.picture = null;
    this.notice("review", sentence ?? "");
    const made = new DOMParser().parseFromString(html ?? "", "text/html");
    this.article.replaceChildren(...made.body.childNodes);
    /** @type {HTMLDetailsElement | null} */
    const rest = this.article.querySelector("details.rest");
    if (!rest) return;
    rest.open = this.unfolded;
    rest.addEventListener("toggle", () => {
      this.unfolded = rest.open;
      if (this.right.isConnected) this.place();
    });
  }

  // -- putting right ----------------------------------------------------------------------------

  /** @param {ReviewFound} found
   * @param {import("./timeline.js").Seen | null} view */
  putRight(found, view) {
    /** @type {HTMLElement | null} */
    const figure = this.article.querySelector("figure.timeline");
    if (figure) this.picture = timeline(figure, { view, onChosen: found.ended ? (stretch) => this.dialogs.stretch(stretch, found.people) : null });
    this.place();
    shown(this.closed, !found.ended);
    shown(this.open, found.ended);
    keyed(
      this.names,
      found.seats,
      (name) => name,
      (name) => this.seat(name),
    );
    for (const line of this.names.children) {
      const name = line instanceof HTMLElement ? (line.dataset.key ?? "") : "";
      const others = found.people.filter((other) => other !== name);
      shown(inside(line, ".same"), found.people.includes(name) && others.length > 0);
    }
    shown(this.soFar, found.corrections.length > 0);
    keyed(
      this.made,
      found.corrections,
      (one) => one.number,
      (one) => this.one(one),
      (line, one) => {
        line.classList.toggle("undone", one.undone);
        put(inside(line, ".state"), one.undone ? label("review.undone") : "");
        shown(inside(line, "button"), !one.undone);
      },
    );
  }

  /** Putting right stands below the picture; while that is folded, at the end, with what needs no picture. */
  place() {
    const rest = this.article.querySelector("details.rest");
    const figure = this.article.querySelector("details.rest[open] figure.timeline");
    shown(this.how, figure !== null);
    const before = figure ?? rest ?? this.article.lastElementChild;
    if (!before) this.article.append(this.right);
    else if (before !== this.right && before.nextElementSibling !== this.right) before.after(this.right); // moved, it would lose the keyboard
  }

  /** @param {string} name */
  seat(name) {
    const people = () => (this.found?.people ?? []).filter((other) => other !== name);
    return h(
      "li",
      {},
      h("span", { class: "name" }, name),
      h(
        "span",
        { class: "tools" },
        h("button", { type: "button", class: "tool", "aria-label": label("review.rename_who", { name }), onclick: () => this.dialogs.rename(name) }, label("review.rename")),
        h("button", { type: "button", class: "tool same", "aria-label": label("review.same_who", { name }), onclick: () => this.dialogs.merge(name, people()) }, label("review.same")),
      ),
    );
  }

  /** @param {{ number: number, told: string }} correction */
  one({ number, told }) {
    return h(
      "li",
      {},
      h("span", { class: "told" }, told),
      h("span", { class: "state soft" }),
      h("button", { type: "button", class: "tool", "aria-label": label("review.undo_what", { what: told }), onclick: () => this.undo(number) }, label("review.undo")),
    );
  }

  /** Gives back a sentence where it does not fit; else all figures are new.
   * @param {Correction} wish
   * @returns {Promise<string>} */
  async correct(wish) {
    const answer = await this.put(`correct/${this.session}`, wish);
    this.words = label("review.done_what", { what: answer.told });
    return answer.sentence ?? "";
  }

  /** The dialog is closed: the keyboard goes back to where it was.
   * @param {Correction} wish */
  corrected(wish) {
    /** @type {HTMLElement | null} */
    const stretch = this.article.querySelector(".stretch");
    if ("start_ms" in wish) stretch?.focus();
    else this.madeTitle.focus();
    say(this.words);
  }

  /** @param {number} number */
  async undo(number) {
    const answer = await this.put(`undo/${this.session}`, { number });
    this.notice("undo", answer.sentence ?? "");
    if (answer.sentence) return;
    this.madeTitle.focus();
    say(label("review.undone_what", { what: answer.told }));
  }

  /** @param {string} path
   * @param {object} wish */
  async put(path, wish) {
    this.busy = true;
    const answer = await ask(path, wish);
    if (!answer.sentence) {
      this.change = answer.change;
      await this.anew();
    }
    this.busy = false;
    this.changed(this.latest);
    return answer;
  }

  /** Something was put right, maybe in another tab.
   * @param {number} change how many times that has happened by now */
  changed(change) {
    this.latest = change;
    if (this.session === null) this.change = change;
    if (this.busy || change <= this.change) return;
    this.change = change;
    this.anew();
  }

  async anew() {
    if (this.asked() === "trends") return this.showTrends();
    if (this.session === null) return;
    await Promise.all([this.showSession(this.session, this.picture?.view ?? null), this.list()]);
    this.which.value = String(this.session);
  }
}
