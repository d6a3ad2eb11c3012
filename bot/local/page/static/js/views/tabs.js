/** Tabs: one panel at a time, walked with the arrow keys. */

import { fill, freshId, h } from "../dom.js";

/**
 * @param {{label: string, make: () => any}[]} pages
 * @param {string} label
 * @param {number} first
 * @param {(index: number) => void} onShow
 */
export function tabs(pages, label, first, onShow) {
  const id = freshId("tabs");
  const panel = h("div", {
    class: "tab-panel",
    role: "tabpanel",
    id: `${id}-panel`,
    tabindex: "0",
  });
  const buttons = pages.map((page, index) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        class: "tab",
        id: `${id}-${index}`,
        "aria-controls": panel.id,
        on: { click: () => show(index) },
      },
      page.label,
    ),
  );

  function show(index) {
    buttons.forEach((button, at) => {
      button.setAttribute("aria-selected", String(at === index));
      button.tabIndex = at === index ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", buttons[index].id);
    fill(panel, pages[index].make());
    onShow(index);
  }

  function walk(event) {
    const at = buttons.indexOf(document.activeElement);
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = (steps[event.key] + buttons.length) % buttons.length;
    show(next);
    buttons[next].focus();
  }

  show(Math.min(first, pages.length - 1));
  return [
    h(
      "div",
      { class: "tabs", role: "tablist", "aria-label": label, on: { keydown: walk } },
      buttons,
    ),
    panel,
  ];
}
