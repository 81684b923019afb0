// Setting up: who is here, which form, can you be heard. Three steps, each usable with the keyboard alone.

import { h, keyed, listed, put, say, shown } from "./dom.js";

const STEPS = ["Who is here?", "Which form?", "Can I hear you?"];
const AIRTIME = {
  hidden: "hidden until the end",
  hints: "quiet hints: a ring fills up to an even share",
  shown: "shown",
};
const VERDICTS = {
  listening: ["", "Listening…"],
  missing: ["bad", "There is no microphone."],
  nothing: ["bad", "No sound comes from this microphone. Unplug it and plug it in again, or choose another one."],
  silent: [
    "bad",
    "Nothing but perfect silence comes. The system may not allow the microphone, or it is muted: allow it in the privacy settings, and unmute it.",
  ],
  speak: ["", "The room is quiet. Now say a few words from where you sit."],
  quiet: ["warn", "That is too quiet. Move the microphone closer, or turn its level up."],
  clipping: ["warn", "That is too loud and distorted. Turn the microphone’s level down a little, or move it away."],
  noisy: ["warn", "The room is noisy. A fan, music or an open window nearby? It works, but not as well."],
  ok: ["good", "I hear you well."],
};
const LOWEST_DB = -70;

export class SetupScreen {
  constructor(place, { order, notice }) {
    this.place = place;
    this.order = order;
    this.notice = notice;
    this.step = 0;
    this.people = [];
    this.lengths = {};
    this.offer = null;
    this.keys = (event) => this.key(event);
    document.addEventListener("keydown", this.keys);
  }

  leave() {
    document.removeEventListener("keydown", this.keys);
    this.notice("problem", "");
  }

  tell(topic, body) {
    if (topic === "setup") this.offered(body);
    else if (!this.offer) return;
    else if (topic === "lengths") this.told_lengths(body);
    else if (topic === "level") this.level(body);
    else if (topic === "devices") this.devices(body);
    else if (topic === "voice") this.voice(body);
    else if (topic === "problem") this.wrong(body);
  }

  named() {
    document.title = "Facilitator: setting up";
  }

  offered(offer) {
    if (this.offer) {
      // back after the connection was lost: what was typed is still here, and the program looks where it should
      this.offer = offer;
      this.go(this.step, false);
      return;
    }
    this.offer = offer;
    this.people = offer.people.map((person) => ({ ...person }));
    this.build();
    this.go(0, true);
  }

  // -- building ---------------------------------------------------------------------------------

  build() {
    this.heading = h("h1", { tabindex: "-1" });
    this.count = h("p", { class: "soft count" });
    this.trouble = h("p", { class: "problem", role: "alert", hidden: true });
    this.pages = [this.who(), this.which(), this.check()];
    this.back = h("button", { type: "button", class: "plain", onclick: () => this.go(this.step - 1, true) }, "Back");
    this.next = h("button", { type: "submit", class: "main" });
    this.form = h(
      "form",
      { class: "setup", novalidate: true, onsubmit: (event) => this.submit(event) },
      h("header", {}, this.count, this.heading),
      ...this.pages,
      this.trouble,
      h("footer", {}, this.back, this.next),
    );
    this.place.replaceChildren(this.form);
  }

  who() {
    const offer = this.offer;
    const before = offer.unfinished
      ? h(
          "section",
          { class: "card before" },
          h("p", {}, `A session was interrupted. ${offer.unfinished}.`),
          h("button", { type: "button", class: "plain", onclick: () => this.order("go-on") }, "Go on with it"),
        )
      : null;
    this.known = h("div", { class: "chips", role: "group", "aria-label": "Known people" });
    this.knownBlock = h("section", {}, h("h2", {}, "Known from before"), this.known);
    this.name = h("input", { type: "text", id: "name", autocomplete: "off", maxlength: "400", "aria-describedby": "name-hint" });
    this.seats = h("ol", { class: "seats", "aria-label": "The circle" });
    this.nobody = h("p", { class: "soft" }, "Nobody yet. Two to twelve people can take part.");
    return h(
      "section",
      { class: "step" },
      before,
      this.knownBlock,
      h(
        "section",
        {},
        h("label", { for: "name" }, "Somebody new"),
        h(
          "div",
          { class: "row" },
          this.name,
          h("button", { type: "button", class: "plain", onclick: () => this.add() }, "Add"),
        ),
        h("p", { id: "name-hint", class: "soft small" }, "Enter adds; several at once with commas in between."),
      ),
      h("section", { class: "circle" }, h("h2", {}, "In the circle, in this order"), this.nobody, this.seats),
    );
  }

  which() {
    const offer = this.offer;
    this.formats = h(
      "div",
      { class: "formats", role: "radiogroup", "aria-label": "Form" },
      offer.formats.map((form) =>
        h(
          "label",
          { class: "format" },
          h("input", {
            type: "radio",
            name: "format",
            value: form.name,
            checked: form.name === offer.format,
            onchange: () => this.chosen(),
          }),
          h(
            "span",
            { class: "about" },
            h("span", { class: "title" }, form.title),
            h("span", { class: "length soft", "data-length": form.name }),
            h("span", { class: "summary" }, form.summary),
          ),
        ),
      ),
    );
    this.minutes = h("input", { type: "text", id: "minutes", inputmode: "decimal", autocomplete: "off", oninput: () => this.measure(400) });
    this.rounds = h("input", { type: "text", id: "rounds", inputmode: "numeric", autocomplete: "off", oninput: () => this.measure(400) });
    this.minutesLabel = h("label", { for: "minutes" });
    this.minutesBlock = h("div", { class: "field" }, this.minutesLabel, this.minutes);
    this.roundsBlock = h("div", { class: "field" }, h("label", { for: "rounds" }, "Rounds"), this.rounds);
    this.language = h(
      "select",
      { id: "language" },
      offer.languages.map((one) => h("option", { value: one.code, selected: one.code === offer.language }, one.name)),
    );
    this.airtime = h("select", { id: "airtime" });
    const section = h(
      "section",
      { class: "step" },
      this.formats,
      h(
        "div",
        { class: "fields" },
        this.minutesBlock,
        this.roundsBlock,
        h("div", { class: "field" }, h("label", { for: "language" }, "Language it speaks"), this.language),
        h("div", { class: "field wide" }, h("label", { for: "airtime" }, "Airtime while you talk"), this.airtime),
      ),
    );
    return section;
  }

  check() {
    const offer = this.offer;
    this.meterBar = h("span", { class: "bar" });
    this.meter = h(
      "div",
      { class: "meter", role: "meter", "aria-label": "Level of the microphone", "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": "0" },
      this.meterBar,
    );
    this.verdict = h("p", { class: "verdict", role: "status" }, "");
    this.device = h("select", { id: "device", onchange: () => this.order("check", { device: this.device.value }) });
    this.deviceBlock = h("div", { class: "field" }, h("label", { for: "device" }, "Microphone"), this.device);
    this.listening = h("input", { type: "checkbox", id: "listening", checked: !offer.listening, disabled: !offer.listening, onchange: () => this.heard() });
    this.voiceSaid = h("p", { class: "soft small", role: "status" }, "");
    this.hearing = offer.audio
      ? h("section", { class: "card" }, h("h2", {}, "What it hears"), h("p", {}, `The recording ${offer.audio} plays in place of a microphone.`))
      : h("section", { class: "card" }, h("h2", {}, "What it hears"), this.deviceBlock, this.meter, this.verdict);
    this.devices(offer.devices);
    return h(
      "section",
      { class: "step checks" },
      this.hearing,
      h(
        "section",
        { class: "card" },
        h("h2", {}, "How it sounds"),
        h("button", { type: "button", class: "plain", onclick: () => this.hear(this.people) }, "Say hello to us"),
        this.voiceSaid,
      ),
      offer.audio
        ? null
        : h(
            "div",
            { class: "field line" },
            this.listening,
            h("label", { for: "listening" }, "Without listening: it keeps time and leads, and measures nobody"),
          ),
    );
  }

  // -- the steps --------------------------------------------------------------------------------

  go(step, focus) {
    this.step = Math.max(0, Math.min(STEPS.length - 1, step));
    put(this.count, `Step ${this.step + 1} of ${STEPS.length}`);
    put(this.heading, STEPS[this.step]);
    this.pages.forEach((page, number) => shown(page, number === this.step));
    this.back.style.visibility = this.step ? "" : "hidden";
    put(this.next, ["Next: the form", "Next: the microphone", "Begin"][this.step]);
    this.problem("");
    if (this.step === 0) this.circle();
    if (this.step === 1) this.chosen();
    this.heard();
    if (!focus) return;
    window.scrollTo(0, 0);
    const first = [this.people.length < 2 ? this.name : this.next, this.formats.querySelector("input:checked"), this.next][this.step];
    (first ?? this.heading).focus({ preventScroll: true });
    say(`${this.count.textContent}: ${this.heading.textContent}`);
  }

  /** The microphone is listened to only while its level is on the screen. */
  heard() {
    const wanted = this.step === 2 && !this.offer.audio && !this.listening.checked;
    if (wanted) this.order("check", { device: this.device.value });
    else this.order("check-over");
    this.meter.classList.toggle("off", !wanted);
    if (this.listening.checked) {
      put(this.verdict, "Nobody is listened to.");
      this.verdict.className = "verdict";
    }
  }

  submit(event) {
    event.preventDefault();
    if (document.activeElement === this.name && this.name.value.trim()) this.add();
    else if (this.step === 0 && !this.enough()) return;
    else if (this.step < 2) this.go(this.step + 1, true);
    else this.begin();
  }

  enough() {
    if (this.name.value.trim() && !this.add()) return false;
    if (this.people.length >= 2) return true;
    this.problem("A discussion needs at least two people: add who is here.");
    this.name.focus();
    return false;
  }

  begin() {
    this.problem("");
    this.order("begin", {
      people: this.people,
      format: this.format()?.name,
      minutes: this.minutesBlock.hidden ? "" : this.minutes.value.trim(),
      rounds: this.roundsBlock.hidden ? "" : this.rounds.value.trim(),
      language: this.language.value,
      airtime: this.airtime.value,
      listening: !this.listening.checked,
      device: this.device.value,
    });
  }

  key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (this.enough()) this.begin();
    }
  }

  /** What the program cannot begin with: said where it can be put right. */
  wrong({ message, where }) {
    const step = { name: 0, minutes: 1, rounds: 1 }[where];
    if (step !== undefined && step !== this.step) this.go(step, false);
    this[where]?.focus();
    this.problem(message);
  }

  problem(sentence) {
    if (!this.trouble) return;
    put(this.trouble, sentence ?? "");
    shown(this.trouble, Boolean(sentence));
    if (sentence) this.trouble.scrollIntoView({ block: "nearest" });
  }

  // -- who --------------------------------------------------------------------------------------

  add(person = null) {
    const names = person ? [person.name] : this.name.value.split(/[,;\n،、，；]/).map((name) => name.trim().replace(/\s+/g, " ")).filter(Boolean);
    const known = new Map(this.offer.known.map((one) => [one.name.toLocaleLowerCase(), one]));
    for (const name of names) {
      if (this.people.length >= this.offer.most) {
        this.problem(`Up to ${this.offer.most} people can take part.`);
        return false;
      }
      if (this.people.some((one) => one.name.toLocaleLowerCase() === name.toLocaleLowerCase())) {
        this.problem(`Two people are called ${name}: add an initial, as in “${name} B”.`);
        return false;
      }
      this.people.push({ name, say: known.get(name.toLocaleLowerCase())?.say ?? "" });
    }
    if (!person) this.name.value = "";
    this.problem("");
    this.circle();
    say(`${listed(this.people.map((one) => one.name))}.`);
    return true;
  }

  circle() {
    const here = new Set(this.people.map((person) => person.name));
    const others = this.offer.known.filter((person) => !here.has(person.name));
    shown(this.knownBlock, others.length > 0);
    keyed(
      this.known,
      others,
      (person) => person.name,
      (person) =>
        h(
          "button",
          {
            type: "button",
            class: "chip",
            "aria-label": `Add ${person.name}`,
            onclick: (event) => {
              const next = event.currentTarget.nextElementSibling ?? event.currentTarget.previousElementSibling;
              if (this.add(person)) (next ?? this.next).focus();
            },
          },
          `+ ${person.name}`,
        ),
    );
    shown(this.nobody, !this.people.length);
    keyed(
      this.seats,
      this.people,
      (person) => person.name,
      (person) => this.seat(person),
    );
  }

  seat(person) {
    const spoken = h("input", {
      type: "text",
      value: person.say,
      placeholder: "as written",
      maxlength: "80",
      autocomplete: "off",
      "aria-label": `${person.name} is pronounced`,
      oninput: (event) => {
        person.say = event.target.value.trim();
      },
    });
    const change = (how) => {
      const place = this.people.indexOf(person);
      if (how === "up" && place > 0) this.people.splice(place - 1, 2, person, this.people[place - 1]);
      if (how === "out") this.people.splice(place, 1);
      this.circle();
      if (how === "out") this.name.focus();
    };
    const name = person.name;
    return h(
      "li",
      {},
      h("span", { class: "name" }, name),
      h("label", { class: "said-as" }, h("span", { class: "soft small" }, "pronounced"), spoken),
      h("span", { class: "tools" },
        h("button", { type: "button", class: "tool", "aria-label": `Hear ${name}`, title: "Hear it", onclick: () => this.hear([person]) }, "Hear"),
        h("button", { type: "button", class: "tool", "aria-label": `Move ${name} up`, title: "Move up", onclick: (event) => { change("up"); event.target.focus(); } }, "Up"),
        h("button", { type: "button", class: "tool", "aria-label": `Remove ${name}`, title: "Remove", onclick: () => change("out") }, "Remove"),
      ),
    );
  }

  // -- which ------------------------------------------------------------------------------------

  format() {
    const chosen = this.formats.querySelector("input:checked");
    return this.offer.formats.find((form) => form.name === chosen?.value);
  }

  chosen() {
    const form = this.format();
    if (!form) return;
    const first = this.was === undefined;
    if (this.was !== form.name) {
      this.was = form.name;
      this.minutes.value = (first && this.offer.minutes) || form.minutes || "";
      this.rounds.value = (first && this.offer.rounds) || form.rounds || "";
      const usual = AIRTIME[form.airtime];
      const kept = first ? this.offer.airtime : this.airtime.value;
      this.airtime.replaceChildren(
        h("option", { value: "" }, `As this form has it: ${usual}`),
        ...Object.entries(AIRTIME).map(([value, words]) => h("option", { value, selected: value === kept }, words[0].toUpperCase() + words.slice(1))),
      );
    }
    put(this.minutesLabel, form.timed ? "Minutes for each turn" : "Minutes of talk");
    this.minutes.placeholder = form.timed ? "" : "no limit";
    shown(this.minutesBlock, form.timed || form.talk);
    shown(this.roundsBlock, form.timed);
    this.measure(0);
  }

  measure(wait_ms) {
    clearTimeout(this.measuring);
    this.measuring = setTimeout(() => {
      const form = this.format();
      if (form)
        this.order("length", { format: form.name, people: this.people.length, minutes: this.minutes.value.trim(), rounds: form.timed ? this.rounds.value.trim() : "" });
    }, wait_ms);
  }

  told_lengths(lengths) {
    this.lengths = lengths;
    for (const place of this.formats.querySelectorAll("[data-length]")) {
      const text = lengths[place.dataset.length];
      if (text) put(place, text);
    }
  }

  // -- the check --------------------------------------------------------------------------------

  devices(devices) {
    const kept = this.device.value || this.offer.device || "";
    this.device.replaceChildren(
      h("option", { value: "" }, "The usual one"),
      ...devices.map((one) => h("option", { value: one.id, selected: kept !== "" && one.id.includes(kept) }, one.name)),
    );
  }

  level({ db, verdict, message }) {
    if (this.listening.checked) return;
    const part = Math.max(0, Math.min(100, Math.round((100 * (db - LOWEST_DB)) / -LOWEST_DB)));
    this.meterBar.style.transform = `scaleX(${part / 100})`;
    this.meter.setAttribute("aria-valuenow", String(part));
    const [kind, sentence] = VERDICTS[verdict] ?? ["", ""];
    put(this.verdict, message ? `${message} Or go without listening.` : sentence);
    this.verdict.className = `verdict ${kind}`;
  }

  hear(people) {
    put(this.voiceSaid, "One moment…");
    this.order("hear", { names: people.map((person) => person.say || person.name), language: this.language.value });
  }

  voice({ state, message }) {
    const words = { speaking: `“${message}”`, spoken: "That was me.", shown: message, failed: message }[state];
    put(this.voiceSaid, words);
    if (this.step === 0 && state !== "spoken") say(words);
    this.notice("voice", this.step === 0 && (state === "failed" || state === "shown") ? words : "");
  }
}
