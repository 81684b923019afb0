// @ts-check
// On other devices: the code that leads a tablet or a phone to this session, who is there, and stopping it. In a room of
// several tables: the address for the computer that follows them, and asking for help.

import { calm, h, put, s, shown } from "./dom.js";
import { counted, label } from "./labels.js";

const MARGIN = 4; // light modules around the code, which readers need

export class Share {
  /** @param {import("./messages.js").Order} order */
  constructor(order) {
    this.order = order;
    /** @type {import("./messages.js").Sharing | null} */
    this.state = null;
    /** @type {string | null} */
    this.url = null;
    this.button = h("button", { type: "button", class: "small plain share", hidden: true, onclick: (event) => { calm(event); this.open(); } });
    this.help = h("button", { type: "button", class: "small plain", hidden: true, "aria-pressed": "false", onclick: (event) => { calm(event); this.call(); } });
    this.title = h("h2", { id: "sharing-title", tabindex: "-1" });
    this.code = h("div", { class: "code" });
    this.address = h("p", { class: "address" });
    this.where = h("p", { class: "soft small" });
    this.may = h("p");
    this.nobody = h("p");
    this.honest = h("p", { class: "soft small" });
    this.close = h("button", { type: "submit", class: "plain" });
    this.count = h("p", { role: "status", class: "count" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.turn = h("button", { type: "button", onclick: () => this.order(this.state?.on ? "stop-sharing" : "share") });
    this.shared = h("div", { class: "shared" }, this.code, h("div", { class: "telling" }, this.may, this.address, this.where, this.count));
    this.dialog = h(
      "dialog",
      { class: "sharing", "aria-labelledby": "sharing-title" },
      h("form", { method: "dialog" },
        this.title,
        this.problem,
        this.nobody,
        this.shared,
        this.honest,
        h("div", { class: "buttons" }, this.turn, this.close),
      ),
    );
    this.dialog.addEventListener("keydown", (event) => {
      event.stopPropagation(); // no command of the session while this is open
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.dialog.close();
    });
  }

  open() {
    if (!this.state || this.dialog.open) return;
    this.dialog.showModal();
    (this.state.on ? this.title : this.turn).focus(); // there is an address to read
  }

  /** The room is asked for help; once more: not any longer. */
  call() {
    if (!this.help.hidden) this.order("call");
  }

  /** In the language that is spoken now. */
  named() {
    if (this.state) this.tell(this.state);
  }

  /** What is shared now.
   * @param {import("./messages.js").Sharing} state */
  tell(state) {
    this.state = state;
    const { on, problem } = state;
    shown(this.button, true);
    const guests = on ? state.guests : 0;
    const called = guests ? label("share.shared", { number: guests }) : label("share.button");
    if (this.button.dataset.label !== called) {
      this.button.dataset.label = called;
      this.button.replaceChildren(`${called} `, h("kbd", {}, "e"));
      this.button.setAttribute("title", guests ? counted("share.shared_with", guests) : label("share.share_on"));
    }
    const room = on && state.role === "room";
    this.tellHelp(room, state.help);
    put(this.title, label(state.role === "room" ? "share.room_title" : "share.title"));
    put(this.nobody, label("share.nobody"));
    this.close.replaceChildren(`${label("share.close")} `, h("kbd", {}, "Esc"));
    put(this.problem, problem);
    shown(this.problem, Boolean(problem));
    shown(this.nobody, !on && !problem);
    shown(this.shared, on);
    put(this.honest, label(room ? "share.room_honest" : "share.honest"));
    put(this.turn, label(on ? "share.stop" : "share.button"));
    this.turn.classList.toggle("main", !on);
    if (!on) {
      this.url = null;
      this.code.replaceChildren();
      return;
    }
    put(this.may, label(`share.may.${state.role}`));
    put(this.address, state.url);
    const others = state.others.length ? label("share.also", { others: state.others.join(", ") }) : "";
    put(this.where, [label("share.on", { where: state.where }), others, label("share.does_not_open")].filter(Boolean).join(" "));
    const whose = state.telephones.length ? ` ${label("share.here", { names: state.telephones.join(", ") })}` : "";
    put(this.count, guests ? counted("share.connected", guests) + whose : label("share.none_connected"));
    shown(this.code, !room);
    if (this.url !== state.url) {
      this.url = state.url;
      this.code.replaceChildren(picture(state.code));
    }
  }

  /** @param {boolean} room
   * @param {boolean} help */
  tellHelp(room, help) {
    shown(this.help, room);
    if (!room) return;
    this.help.replaceChildren(`${label(help ? "share.call_over" : "share.call")} `, h("kbd", {}, "c"));
    this.help.setAttribute("aria-pressed", String(help));
    this.help.classList.toggle("main", help);
    this.help.title = help ? label("share.called", { key: "c" }) : "";
  }

  /** The program has ended. */
  over() {
    shown(this.button, false);
    shown(this.help, false);
    this.dialog.close();
  }
}

/** The code as a picture, dark on light in every theme.
 * @param {string[]} rows */
function picture(rows) {
  const size = rows.length + 2 * MARGIN;
  const path = rows.flatMap((row, y) => [...row.matchAll(/1+/g)].map((run) => `M${run.index + MARGIN} ${y + MARGIN}h${run[0].length}v1h-${run[0].length}z`)).join("");
  return s(
    "svg",
    { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label("share.code"), "shape-rendering": "crispEdges" },
    s("path", { d: `M0 0h${size}v${size}h-${size}z`, fill: "#ffffff" }),
    s("path", { d: path, fill: "#000000" }),
  );
}
