// @ts-check
// Setting up, third step: does the microphone hear, and how does the voice sound.

import { h, put, say } from "../shared/dom.js";
import { label } from "../shared/labels.js";

/** @type {Record<string, string>} */
const VERDICTS = { listening: "", missing: "bad", nothing: "bad", silent: "bad", speak: "", quiet: "warn", clipping: "warn", noisy: "warn", ok: "good" };
const LOWEST_DB = -70;

export class Check {
  /** @param {import("./setup.js").SetupForm} setup */
  constructor(setup) {
    this.setup = setup;
    const offer = setup.offer;
    this.meterBar = h("span", { class: "bar" });
    this.meter = h(
      "div",
      { class: "meter", role: "meter", "aria-label": label("setup.level"), "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": "0" },
      this.meterBar,
    );
    this.verdict = h("p", { class: "verdict", role: "status" }, "");
    this.device = h("select", { id: "device", onchange: () => { this.setup.order("check", { device: this.device.value }); } });
    this.deviceBlock = h("div", { class: "field" }, h("label", { for: "device" }, label("setup.microphone")), this.device);
    this.listening = h("input", { type: "checkbox", id: "listening", checked: !offer.listening, disabled: !offer.listening, onchange: () => this.setup.go(this.setup.step, false) });
    this.byKey = h("p", { class: "soft small" });
    this.voiceSaid = h("p", { class: "soft small", role: "status" }, "");
    this.hearing = offer.audio
      ? h("section", { class: "card" }, h("h2", {}, label("setup.what_it_hears")), h("p", {}, label("setup.recording", { name: offer.audio })))
      : h("section", { class: "card" }, h("h2", {}, label("setup.what_it_hears")), this.deviceBlock, this.meter, this.verdict, this.byKey);
    this.devices(offer.devices);
    this.element = h(
      "section",
      { class: "step checks" },
      this.hearing,
      h(
        "section",
        { class: "card" },
        h("h2", {}, label("setup.how_it_sounds")),
        h("button", { type: "button", class: "plain", onclick: () => this.hear(this.setup.who.people) }, label("setup.say_hello")),
        this.voiceSaid,
      ),
      offer.audio
        ? null
        : h(
            "div",
            { class: "field line" },
            this.listening,
            h("label", { for: "listening" }, label("setup.without_listening")),
          ),
    );
  }

  /** What the keyboard should be at when this step begins. */
  get first() {
    return this.setup.next;
  }

  /** For `begin`. */
  wish() {
    return { listening: !this.listening.checked, device: this.device.value };
  }

  /** The microphone is listened to only while its level is on the screen. */
  heard() {
    const wanted = this.setup.step === 2 && !this.setup.offer.audio && !this.listening.checked;
    if (wanted) this.setup.order("check", { device: this.device.value });
    else this.setup.order("check-over");
    this.meter.classList.toggle("off", !wanted);
    const language = this.setup.offer.languages.find((one) => one.code === this.setup.which.language.value);
    put(this.byKey, this.listening.checked ? "" : (language?.by_key ?? ""));
    if (this.listening.checked) {
      put(this.verdict, label("unheard"));
      this.verdict.className = "verdict";
    }
  }

  /** @param {import("../shared/messages.js").Device[]} devices */
  devices(devices) {
    const kept = this.device.value || this.setup.offer.device || "";
    this.device.replaceChildren(
      h("option", { value: "" }, label("setup.usual_microphone")),
      ...devices.map((one) => h("option", { value: one.id, selected: kept !== "" && one.id.includes(kept) }, one.name)),
    );
  }

  /** @param {import("../shared/messages.js").Level} level */
  level({ db, verdict, message }) {
    if (this.listening.checked) return;
    const part = Math.max(0, Math.min(100, Math.round((100 * (db - LOWEST_DB)) / -LOWEST_DB)));
    this.meterBar.style.transform = `scaleX(${part / 100})`;
    this.meter.setAttribute("aria-valuenow", String(part));
    const known = verdict in VERDICTS;
    put(this.verdict, message ? label("setup.or_without", { problem: message }) : known ? label(`setup.verdict.${verdict}`) : "");
    this.verdict.className = `verdict ${known ? VERDICTS[verdict] : ""}`;
  }

  /** @param {import("../shared/messages.js").Person[]} people */
  hear(people) {
    put(this.voiceSaid, label("page.moment"));
    this.setup.order("hear", { names: people.map((person) => person.say || person.name), language: this.setup.which.language.value });
  }

  /** @param {import("../shared/messages.js").VoiceState} heard */
  voice({ state, message }) {
    const words = { speaking: label("quoted", { text: message }), spoken: label("setup.that_was_me"), shown: message || label("setup.only_shown"), failed: message }[state];
    put(this.voiceSaid, words);
    if (this.setup.step === 0 && state !== "spoken") say(words);
    this.setup.notice("voice", this.setup.step === 0 && (state === "failed" || state === "shown") ? words : "");
  }
}
