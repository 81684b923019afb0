// @ts-check
// The few things that every screen needs to build and change what is on it: all text gets there through `h`, `give` and
// `put`.

import { isolated } from "./isolated.js";

/** @typedef {Node | string | null | undefined} Child */
/** @typedef {{ [K in keyof HTMLElementEventMap as `on${K}`]?: (event: HTMLElementEventMap[K]) => unknown }} Handlers */
/** @typedef {Handlers & { [name: string]: string | number | boolean | null | undefined | ((event: any) => unknown) }} Attributes */

/** An element: h("p", {class: "soft", onclick: f}, "text", child). Nothing is ever read as HTML.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[T]} */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  give(element, attributes);
  for (const child of children.flat()) if (child !== null && child !== undefined) element.append(typeof child === "string" ? isolated(child) : child);
  return element;
}

/** The same for SVG.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[T]} */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  give(element, attributes);
  element.append(...children);
  return element;
}

/** @param {Element} element
 * @param {Attributes} attributes */
function give(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else if (value !== null && value !== undefined) element.setAttribute(name, READ.has(name) ? isolated(String(value)) : String(value));
  }
}

/** Attributes that somebody reads. */
const READ = new Set(["aria-label", "title", "placeholder"]);

/** The one element below this one that fits; that there is one belongs to how it was built.
 * @template {Element} [E=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {E} */
export function inside(parent, selector) {
  const found = /** @type {E | null} */ (parent.querySelector(selector));
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
}

/** Changes a text only where it is another one, so that nothing is read out twice.
 * @template {Element} E
 * @param {E} element
 * @param {string} text
 * @returns {E} */
export function put(element, text) {
  const shown = isolated(text);
  if (element.textContent !== shown) element.textContent = shown;
  return element;
}

/** @template {HTMLElement} E
 * @param {E} element
 * @param {boolean} yes
 * @returns {E} */
export function shown(element, yes) {
  if (element.hidden === yes) element.hidden = !yes;
  return element;
}

/** Makes the children of `parent` those of `items`, keeping what stays: focus, transitions, and what is typed.
 * @template I
 * @param {HTMLElement} parent
 * @param {readonly I[]} items
 * @param {(item: I) => string | number} key
 * @param {(item: I) => HTMLElement} make
 * @param {(element: HTMLElement, item: I) => void} [change] */
export function keyed(parent, items, key, make, change) {
  /** @type {Map<string | undefined, HTMLElement>} */
  const before = new Map();
  for (const child of parent.children) if (child instanceof HTMLElement) before.set(child.dataset.key, child);
  items.forEach((item, place) => {
    const name = String(key(item));
    let child = before.get(name);
    before.delete(name);
    if (!child) {
      child = make(item);
      child.dataset.key = name;
    }
    if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] ?? null);
    change?.(child, item);
  });
  for (const child of before.values()) child.remove();
}

/** Read out by screen readers when they have a moment.
 * @param {string} text */
export function say(text) {
  put(inside(document, "#polite"), text);
}

/** A countdown: `4:12`, and once it is over the time since, `+0:07`.
 * @param {number} seconds */
export function left(seconds) {
  return seconds >= 0 ? length(seconds) : `+${length(-seconds)}`;
}

/** `4:12`, from an hour on `1:04:12`.
 * @param {number} seconds */
export function length(seconds) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A button pressed with the mouse gives the keyboard back, so that space means "next" again.
 * @param {MouseEvent} event */
export function calm(event) {
  if (event.detail > 0 && event.currentTarget instanceof HTMLElement) event.currentTarget.blur();
}
