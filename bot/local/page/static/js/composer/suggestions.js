/** The list of completions over the composer; the field that is typed into keeps the focus. */

import { fill, freshId, h } from "../dom.js";

/** @returns {any} */
export function suggestions() {
  const id = freshId("completions");
  const list = h("ul", { id, class: "completions", role: "listbox", "aria-label": "Completions", hidden: true });
  let items = [], active = -1, owner = null, choose = () => {};

  const isOpen = () => !list.hidden;

  /**
   * @param {any} field the input that is completed
   * @param {{label: string, detail?: string, picture?: any}[]} offered
   * @param {(item: any) => void} onChoose
   */
  function show(field, offered, onChoose, { first = 0 } = {}) {
    if (!offered.length) return hide();
    if (owner !== field) release();
    [items, owner, choose, active] = [offered, field, onChoose, first];
    list.hidden = false;
    fill(list, items.map((item, index) => h(
      "li", { id: `${id}-${index}`, role: "option", class: "completion", on: { pointerdown: (event) => event.preventDefault(), click: () => pick(index) } },
      item.picture, h("span", { class: "completion-label" }, item.label), item.detail && h("span", { class: "completion-detail" }, item.detail),
    )));
    owner.setAttribute("aria-controls", id);
    if (owner.getAttribute("role") === "combobox") owner.setAttribute("aria-expanded", "true");
    mark();
  }

  function mark() {
    [...list.children].forEach((entry, index) => entry.setAttribute("aria-selected", String(index === active)));
    if (active < 0) return owner.removeAttribute("aria-activedescendant");
    owner.setAttribute("aria-activedescendant", `${id}-${active}`);
    list.children[active].scrollIntoView({ block: "nearest" });
  }

  function release() {
    owner?.removeAttribute("aria-activedescendant");
    owner?.removeAttribute("aria-controls");
    if (owner?.getAttribute("role") === "combobox") owner.setAttribute("aria-expanded", "false");
    owner = null;
  }

  function hide() {
    release();
    list.hidden = true;
    items = [];
  }

  function pick(index) {
    const [item, take] = [items[index], choose];
    hide();
    take(item);
  }

  /** Take a key that belongs to the list; tells whether it did. */
  function takeKey(event) {
    if (!isOpen() || event.isComposing) return false;
    const steps = { ArrowDown: active + 1, ArrowUp: active - 1 };
    if (event.key in steps) {
      active = (steps[event.key] + items.length) % items.length;
      mark();
    } else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") {
      if (active < 0) return false;
      pick(active);
    } else if (event.key === "Escape") hide();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  return { element: list, show, hide, takeKey, isOpen };
}
