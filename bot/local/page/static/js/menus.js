/** Menus that pop up beside something: one at a time, walked with the arrow keys. */

import { byId, h } from "./dom.js";
import { icon } from "./icons.js";
import { trying } from "./toasts.js";

let close = () => {};

/**
 * @typedef {object} Item
 * @property {string} label
 * @property {() => any} action
 * @property {string} [name] what screen readers call it
 * @property {string} [icon]
 * @property {string} [group]
 * @property {boolean} [danger]
 * @param {HTMLElement|{x: number, y: number}} anchor
 * @param {Item[]} items
 * @param {{label: string, kind?: string}} options
 */
export function openMenu(anchor, items, { label, kind = "" }) {
  close();
  const back = /** @type {HTMLElement} */ (document.activeElement);
  const menu = h(
    "div",
    { class: `menu ${kind}`, role: "menu", "aria-label": label },
    entries(items, (item) => (close(true), trying(item.action)())),
  );
  byId("popups").append(menu);
  place(menu, anchor);
  const outside = (event) => menu.contains(event.target) || close();
  close = (refocus) => {
    menu.remove();
    document.removeEventListener("pointerdown", outside, true);
    if (refocus && back?.isConnected) back.focus({ preventScroll: true });
    close = () => {};
  };
  document.addEventListener("pointerdown", outside, true);
  menu.addEventListener("keydown", (event) => walk(event, menu));
  menu.querySelector("[role=menuitem]")?.focus();
}

function entries(items, choose) {
  let group;
  return items.map((item) => {
    const heading =
      item.group &&
      item.group !== group &&
      h("div", { class: "menu-group", role: "presentation" }, item.group);
    group = item.group;
    const entry = h(
      "button",
      {
        type: "button",
        role: "menuitem",
        tabindex: "-1",
        class: `menu-item ${item.danger ? "is-danger" : ""}`,
        "aria-label": item.name,
        on: { click: () => choose(item) },
      },
      h("span", null, item.label),
      item.icon && icon(item.icon),
    );
    return [heading, entry];
  });
}

function walk(event, menu) {
  const items = [...menu.querySelectorAll("[role=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const steps = {
    ArrowDown: at + 1,
    ArrowRight: at + 1,
    ArrowUp: at - 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: items.length - 1,
  };
  if (event.key in steps) items.at(steps[event.key] % items.length)?.focus();
  else if (event.key === "Escape" || event.key === "Tab") close(true);
  else if (event.key.length === 1 && /\p{L}/u.test(event.key))
    items
      .find((each) => each.textContent.toLowerCase().startsWith(event.key.toLowerCase()))
      ?.focus();
  else return;
  if (event.key !== "Tab") event.preventDefault();
  event.stopPropagation();
}

/** Put a popup by its anchor, and inside the window. */
export function place(popup, anchor) {
  const at =
    anchor instanceof Element
      ? anchor.getBoundingClientRect()
      : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
  const { width, height } = popup.getBoundingClientRect();
  const below = at.bottom + 4 + height <= innerHeight;
  const left = Math.min(
    Math.max(8, at.right - width > 8 && anchor instanceof Element ? at.right - width : at.left),
    innerWidth - width - 8,
  );
  const top = below ? at.bottom + 4 : Math.max(8, at.top - height - 4);
  popup.style.setProperty("left", `${Math.max(8, left)}px`);
  popup.style.setProperty("top", `${top}px`);
}
