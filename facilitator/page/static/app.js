// The connection: what the program tells goes to the screen that shows it, orders go back. It comes back by itself.

import { put, say } from "./dom.js";
import { ReviewScreen } from "./review.js";
import { SessionScreen } from "./session.js";
import { SetupScreen } from "./setup.js";

const SILENT_MS = 3500; // the program is heard every second
const AGAIN_MS = [0, 250, 500, 1000];

const told = new Map(); // topic -> what was told last
const notices = new Map(); // why -> sentence
let socket = null;
let heardAt = 0;
let attempts = 0;
let over = false;
let screen = null;
let screenName = "";

const SCREENS = { setup: SetupScreen, session: SessionScreen, summary: SessionScreen, review: ReviewScreen };

/** Asks the program for something. Where it cannot be reached, that is on the screen already. */
function order(what, more = {}) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ do: what, ...more }));
}

/** A sentence at the top, read out at once; an empty one takes it away. */
function notice(why, sentence) {
  if (sentence) notices.set(why, sentence);
  else notices.delete(why);
  const place = document.getElementById("notices");
  const wanted = [...notices.values()];
  while (place.children.length > wanted.length) place.lastChild.remove();
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
    const { topic, body } = JSON.parse(event.data);
    tell(topic, body);
  });
  mine.addEventListener("close", () => {
    if (mine === socket) lost();
  });
}

function lost() {
  socket = null;
  if (over) return;
  document.body.classList.add("lost");
  notice(
    "connection",
    attempts === 0
      ? "The connection to the program is lost. Trying again…"
      : "The program does not answer; what you see is from before. If it has stopped, start it again in the terminal.",
  );
  setTimeout(connect, AGAIN_MS[Math.min(attempts, AGAIN_MS.length - 1)]);
  attempts += 1;
}

function tell(topic, body) {
  if (topic === "beat") return;
  told.set(topic, body);
  if (topic === "end") {
    ended();
  } else if (topic === "busy") {
    say("One thing at a time, please: that was too much at once.");
  } else if (topic === "screen") {
    show(body);
  } else {
    screen?.tell(topic, body);
  }
}

function show(name) {
  if (name === screenName) return;
  const before = screenName && SCREENS[screenName];
  screenName = name;
  document.body.dataset.screen = name;
  if (before !== SCREENS[name]) {
    screen?.leave?.();
    screen = new SCREENS[name](document.getElementById("app"), { order, notice });
    for (const [topic, body] of told) screen.tell(topic, body);
  }
  screen.named?.(name);
}

function ended() {
  over = true;
  socket?.close();
  document.body.classList.add("over");
  screen?.over?.();
  const whole = screenName === "summary";
  notice("connection", whole ? "" : "The program has ended. Start it again in the terminal whenever you like.");
  notice("end", whole ? "That was it: the program has ended, and you can close this page." : "");
}

setInterval(() => {
  if (socket?.readyState === WebSocket.OPEN && performance.now() - heardAt > SILENT_MS) {
    const silent = socket;
    lost();
    silent.close();
  }
}, 500);

window.addEventListener("online", () => socket === null && !over && connect());
connect();
