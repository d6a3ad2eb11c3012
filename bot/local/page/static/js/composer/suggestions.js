/** The list of completions over the composer; the field that is typed into keeps the focus. */

import { fill, freshId, h } from "../dom.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/**
 * @typedef {object} Item
 * @property {string} label
 * @property {string} [detail]
 * @property {Node} [picture]
 */
export class Suggestions {
  #id = freshId("completions");
  #items = [];
  #active = -1;
  #field = null;
  #choose = null;

  constructor() {
    const props = {
      id: this.#id,
      class: "completions",
      role: "listbox",
      "aria-label": "Completions",
    };
    this.element = h("ul", { ...props, hidden: true });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /**
   * Offer items to complete a field with; nothing to offer closes the list.
   * @param {any} field
   * @param {Item[]} items
   * @param {(item: any) => void} choose
   * @param {number} first which is active; -1 for none, so that Enter is not taken
   */
  show(field, items, choose, first = 0) {
    if (!items.length) return this.hide();
    if (this.#field !== field) this.#release();
    [this.#items, this.#field, this.#choose, this.#active] = [items, field, choose, first];
    this.element.hidden = false;
    fill(
      this.element,
      items.map((item, index) => this.#entry(item, index)),
    );
    field.setAttribute("aria-controls", this.#id);
    this.#expand(true);
    this.#mark();
  }

  hide() {
    this.#release();
    this.element.hidden = true;
    this.#items = [];
  }

  /** Take a key that belongs to the list; tells whether it did. */
  takeKey(event) {
    if (!this.isOpen || event.isComposing || !this.#takes(event)) return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #takes({ key, shiftKey }) {
    if (key in STEPS) this.#step(STEPS[key]);
    else if (key === "Escape") this.hide();
    else if (this.#active >= 0 && (key === "Tab" || (key === "Enter" && !shiftKey)))
      this.#pick(this.#active);
    else return false;
    return true;
  }

  #entry({ picture, label, detail }, index) {
    const on = { pointerdown: (event) => event.preventDefault(), click: () => this.#pick(index) };
    return h(
      "li",
      { id: `${this.#id}-${index}`, role: "option", class: "completion", on },
      picture,
      h("span", { class: "completion-label" }, label),
      detail && h("span", { class: "completion-detail" }, detail),
    );
  }

  #step(by) {
    const count = this.#items.length;
    this.#active = (Math.max(this.#active, by > 0 ? -1 : 0) + by + count) % count;
    this.#mark();
  }

  #mark() {
    const entries = [...this.element.children];
    entries.forEach((entry, index) =>
      entry.setAttribute("aria-selected", String(index === this.#active)),
    );
    if (this.#active < 0) return this.#field.removeAttribute("aria-activedescendant");
    this.#field.setAttribute("aria-activedescendant", `${this.#id}-${this.#active}`);
    entries[this.#active].scrollIntoView({ block: "nearest" });
  }

  #pick(index) {
    const [item, choose] = [this.#items[index], this.#choose];
    this.hide();
    choose(item);
  }

  #expand(open) {
    if (this.#field?.getAttribute("role") === "combobox")
      this.#field.setAttribute("aria-expanded", String(open));
  }

  #release() {
    this.#expand(false);
    this.#field?.removeAttribute("aria-activedescendant");
    this.#field?.removeAttribute("aria-controls");
    this.#field = null;
  }
}
