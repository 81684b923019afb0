// The few things that every screen needs to build and change what is on it.

/** An element: h("p", {class: "soft", onclick: f}, "text", child). Nothing is ever read as HTML. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  give(element, attributes);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  give(element, attributes);
  element.append(...children);
  return element;
}

function give(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
}

/** Changes a text only where it is another one, so that nothing is read out twice. */
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
  return element;
}

export function shown(element, yes) {
  if (element.hidden === yes) element.hidden = !yes;
  return element;
}

/** Makes the children of `parent` those of `items`, keeping what stays: focus, transitions, and what is typed. */
export function keyed(parent, items, key, make, change) {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
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

const polite = () => document.getElementById("polite");

/** Read out by screen readers when they have a moment. */
export function say(text) {
  put(polite(), text);
}

/** A countdown: `4:12`, and once it is over the time since, `+0:07`. */
export function left(seconds) {
  return seconds >= 0 ? length(seconds) : `+${length(-seconds)}`;
}

/** `4:12`, from an hour on `1:04:12`. */
export function length(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** "Ana, Ben and Carla" */
export function listed(names, and = "and") {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${and} ${names.at(-1)}`;
}

/** A button pressed with the mouse gives the keyboard back, so that space means "next" again. */
export function calm(event) {
  if (event.detail > 0) event.currentTarget.blur();
}
