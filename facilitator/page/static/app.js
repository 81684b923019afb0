// @ts-check
// The connection: what the program tells goes to the screen that shows it, orders go back. It comes back by itself.

import { inside, put, say } from "./shared/dom.js";
import { label, learn } from "./shared/labels.js";
import { ReviewScreen } from "./review/review.js";
import { MediatorScreen } from "./session/private.js";
import { MineScreen } from "./session/mine.js";
import { SessionScreen } from "./session/session.js";
import { SetupScreen } from "./setup/setup.js";
import { Share } from "./shared/share.js";
import { StartingScreen, WaitingScreen } from "./shared/waiting.js";

const SILENT_MS = 3500; // the program is heard every second
const AGAIN_MS = [0, 250, 500, 1000];
const FULL_MS = 5000;
/** Nothing of it holds for the next one. */
const OF_ONE_SESSION = ["session", "summary", "after", "review", "changed", "caption", "badge", "table", "mine"];

/** @typedef {import("./shared/messages.js").Message} Message */
/** @typedef {import("./shared/messages.js").Screen} Screen */
/** @typedef {new (place: HTMLElement, around: import("./shared/messages.js").Around) => Screen} ScreenClass */

/** @type {Map<string, Message>} */
const told = new Map(); // topic -> what was told last
/** @type {Map<string, string>} */
const notices = new Map(); // why -> sentence
/** @type {WebSocket | null} */
let socket = null;
let heardAt = 0;
let attempts = 0;
let over = false;
/** @type {Screen | null} */
let screen = null;
let screenName = "";

let role = "host"; // on another device: view, steer, mediator or me
let full = false;

/** @type {Record<string, ScreenClass>} */
const SCREENS = { setup: SetupScreen, starting: StartingScreen, session: SessionScreen, summary: SessionScreen, review: ReviewScreen };
/** @type {Record<string, ScreenClass>} */
const GUEST_SCREENS = { session: SessionScreen, summary: SessionScreen };
const share = new Share(order);
/** @type {Record<string, ScreenClass>} */
const OWN_SCREENS = { session: MineScreen, summary: MineScreen, review: MineScreen };
/** @type {Record<string, ScreenClass>} */
const MEDIATOR_SCREENS = { session: MediatorScreen, summary: MediatorScreen };
/** @type {Record<string, Record<string, ScreenClass>>} */
const ELSEWHERE = { me: OWN_SCREENS, mediator: MEDIATOR_SCREENS };
const screenOf = (/** @type {string} */ name) => (role === "host" ? SCREENS[name] : ((ELSEWHERE[role] ?? GUEST_SCREENS)[name] ?? WaitingScreen));

/** Asks the program for something. Where it cannot be reached, that is on the screen already.
 * @type {import("./shared/messages.js").Order} */
function order(what, more = {}) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ do: what, ...more }));
}

/** A sentence at the top, read out at once; an empty one takes it away.
 * @type {import("./shared/messages.js").Notice} */
function notice(why, sentence) {
  if (sentence) notices.set(why, sentence);
  else notices.delete(why);
  const place = inside(document, "#notices");
  const wanted = [...notices.values()];
  while (place.children.length > wanted.length) place.lastChild?.remove();
  wanted.forEach((text, number) => {
    const line = place.children[number] ?? place.appendChild(document.createElement("p"));
    put(line, text);
  });
}

function connect() {
  const address = new URL("live", location.href);
  address.protocol = "ws:";
  const mine = new WebSocket(address);
  socket = mine;
  mine.addEventListener("open", () => {
    heardAt = performance.now();
  });
  mine.addEventListener("message", (event) => {
    if (mine !== socket) return;
    heardAt = performance.now();
    attempts = 0;
    document.body.classList.remove("lost");
    notice("connection", "");
    const message = JSON.parse(event.data);
    full = message.topic === "full";
    tell(message);
  });
  mine.addEventListener("close", () => {
    if (mine === socket) lost();
  });
}

function lost() {
  socket = null;
  if (over) return;
  if (full) {
    notice("connection", label("page.full"));
    setTimeout(connect, FULL_MS);
    return;
  }
  document.body.classList.add("lost");
  notice("connection", label(attempts === 0 ? "page.lost" : role === "host" ? "page.no_answer" : "page.no_answer_guest"));
  setTimeout(connect, AGAIN_MS[Math.min(attempts, AGAIN_MS.length - 1)]);
  attempts += 1;
}

/** Some topics are of the connection, all others the screen's.
 * @param {{ topic: string, body: any }} message */
function tell({ topic, body }) {
  if (topic === "beat" || topic === "full") return;
  const message = /** @type {Message} */ ({ topic, body });
  told.set(topic, message);
  if (topic === "end") {
    ended();
  } else if (topic === "role") {
    role = body;
    document.body.dataset.role = role;
  } else if (topic === "labels") {
    learn(body);
    document.documentElement.lang = body.language;
    share.named();
  } else if (topic === "share") {
    share.tell(body);
    screen?.tell(message);
  } else if (topic === "stopped") {
    ended(label("page.stopped"));
  } else if (topic === "refused") {
    say(label("page.refused"));
  } else if (topic === "busy") {
    say(label("page.busy"));
  } else if (topic === "screen") {
    show(body);
  } else {
    screen?.tell(message);
  }
}

/** @param {string} name */
function show(name) {
  if (name === screenName) return;
  const before = screenName && screenOf(screenName);
  screenName = name;
  if (name === "setup") for (const topic of OF_ONE_SESSION) told.delete(topic);
  document.body.dataset.screen = name;
  if (before !== screenOf(name)) {
    screen?.leave?.();
    screen = new (screenOf(name))(inside(document, "#app"), { order, notice, role, share });
    for (const message of told.values()) screen.tell(message);
  }
  screen?.named?.(name);
}

function ended(why = "") {
  over = true;
  socket?.close();
  document.body.classList.add("over");
  screen?.over?.();
  share.over();
  const whole = !why && screenName === "summary";
  notice("connection", whole ? "" : why || label(role === "host" ? "page.ended" : "page.ended_guest"));
  notice("end", whole ? label("page.over") : "");
}

setInterval(() => {
  if (socket?.readyState === WebSocket.OPEN && performance.now() - heardAt > SILENT_MS) {
    const silent = socket;
    lost();
    silent.close();
  }
}, 500);

document.body.append(share.dialog);
document.addEventListener("keydown", (event) => {
  const at = event.target instanceof Element ? event.target : null;
  const typing = at?.matches("input, textarea, select") || document.querySelector("dialog[open]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "e" && !share.button.hidden) share.open();
  if (event.key === "c") share.call();
});
window.addEventListener("online", () => socket === null && !over && connect());
connect();
