/** Walking the log by keyboard, and the menu of a message by pointer or key. */

import { openActions } from "./toolbar.js";

const TOOLS = ".toolbar button";

/** @param {HTMLElement} scroller */
export function watchKeys(scroller) {
  let current;

  function enter(item) {
    if (item === current) return;
    current?.querySelectorAll(TOOLS).forEach((tool) => tool.setAttribute("tabindex", "-1"));
    item?.querySelectorAll(TOOLS).forEach((tool) => tool.setAttribute("tabindex", "0"));
    current = item;
  }

  scroller.addEventListener("focusin", ({ target }) => enter(target.closest(".message")));
  scroller.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || !(event.target === scroller || event.target.matches(".message"))) return;
    const items = [...scroller.querySelectorAll(".message[data-message-id]")];
    const at = items.indexOf(event.target);
    const next = at < 0 ? items.at(-1) : items[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  });
  scroller.addEventListener("contextmenu", (event) => {
    const item = event.target.closest(".message[data-message-id]");
    if (!item || event.target.closest("a, textarea") || String(getSelection())) return;
    event.preventDefault();
    const byKey = event.clientX === 0 && event.clientY === 0;
    openActions(item.shown.message, byKey ? item : { x: event.clientX, y: event.clientY });
  });
}
