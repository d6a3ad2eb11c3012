/** What the players are put together from. */

const ICONS = {
  play: "M7 4.5v15l12.5-7.5z",
  pause: "M6.5 4.5h4v15h-4zM13.5 4.5h4v15h-4z",
  download: "M11 3h2v9.2l3.3-3.3 1.4 1.4L12 16l-5.7-5.7 1.4-1.4 3.3 3.3zM5 18h14v2H5z",
};

/** Make an element with attributes and, if given, a text. */
export function create(name, attributes = {}, text = "") {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

/** Set the text, unless it stands there: what is set anew is announced anew. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set an attribute, unless it is so. */
export function setAttribute(element, attribute, value) {
  if (element.getAttribute(attribute) !== String(value)) element.setAttribute(attribute, value);
}

/** Set what assistive technology calls it, unless it is called so. */
export function setLabel(element, label) {
  setAttribute(element, "aria-label", label);
}

/** Draw an icon; what it means, the element around it says. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `sound-icon sound-icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Say how far a sound was played and how long it is: whole seconds, all of them at its end. */
export function progress({ position, length }) {
  const whole = Math.round(length);
  const isAtEnd = position > length - 0.05;
  return [isAtEnd ? whole : Math.min(whole, Math.floor(position + 0.01)), whole];
}

/** Write seconds as "0:07" or "1:02:03". */
export function clock(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  const rest = two(whole % 60);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
