/** A menu to choose from: a button that opens a list, for one or for several. */

import { byId, fill, freshId, h } from "../dom.js";
import { icon } from "../icons.js";
import { place } from "../menus.js";

/**
 * @typedef {object} Menu
 * @property {string} label shown while nothing is chosen
 * @property {{value: string, label: string, description?: string}[]} options
 * @property {string[]} selected
 * @property {number} least
 * @property {number} most more than one: the list stays open until it is left
 * @property {boolean} disabled
 * @property {(values: string[]) => void} onChoose
 */
export class Chooser {
  #id = freshId("list");
  #shown = h("span", { class: "chooser-value" });
  #menu;
  #list;
  #chosen;
  #active = 0;
  #onOutside = ({ target }) =>
    this.#list.contains(target) || this.element.contains(target) || this.#leave();

  /** @param {Menu} menu */
  constructor(menu) {
    const { label, disabled } = menu;
    this.#menu = menu;
    this.#chosen = menu.selected.slice(0, menu.most);
    const state = { role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false" };
    this.element = h(
      "button",
      { type: "button", class: "chooser", ...state, "aria-label": label, disabled },
      this.#shown,
      icon("down"),
    );
    const props = {
      id: this.#id,
      class: "menu chooser-list",
      role: "listbox",
      "aria-label": label,
    };
    this.#list = h("ul", { ...props, "aria-multiselectable": String(menu.most > 1) });
    this.element.addEventListener("click", () => (this.#isOpen ? this.#leave() : this.#open()));
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.#write();
  }

  get #isOpen() {
    return this.#list.isConnected;
  }

  #write() {
    const labels = this.#menu.options
      .filter((each) => this.#isChosen(each))
      .map((each) => each.label);
    fill(this.#shown, labels.join(", ") || this.#menu.label);
  }

  #isChosen({ value }) {
    return this.#chosen.includes(value);
  }

  #open() {
    byId("popups").append(this.#list);
    this.element.setAttribute("aria-expanded", "true");
    this.element.setAttribute("aria-controls", this.#id);
    this.#active = Math.max(
      0,
      this.#menu.options.findIndex((each) => this.#isChosen(each)),
    );
    this.#draw();
    this.#list.style.setProperty("min-width", `${this.element.offsetWidth}px`);
    place(this.#list, this.element);
    document.addEventListener("pointerdown", this.#onOutside, true);
  }

  #close() {
    this.#list.remove();
    document.removeEventListener("pointerdown", this.#onOutside, true);
    this.element.setAttribute("aria-expanded", "false");
    for (const name of ["aria-activedescendant", "aria-controls"])
      this.element.removeAttribute(name);
  }

  /** Close the list; several that were chosen are sent now. */
  #leave() {
    if (!this.#isOpen) return;
    this.#close();
    const { most, least, selected, onChoose } = this.#menu;
    const isChanged =
      this.#chosen.length !== selected.length ||
      this.#chosen.some((each) => !selected.includes(each));
    if (most > 1 && isChanged && this.#chosen.length >= least) onChoose(this.#chosen);
  }

  #draw() {
    fill(
      this.#list,
      this.#menu.options.map((option, index) => this.#entry(option, index)),
    );
    if (!this.#menu.options.length) this.#list.append(nothing());
    this.element.setAttribute("aria-activedescendant", `${this.#id}-${this.#active}`);
    byId(`${this.#id}-${this.#active}`)?.scrollIntoView({ block: "nearest" });
  }

  #entry(option, index) {
    const { label, description } = option;
    const chosen = this.#isChosen(option);
    const mark = chosen && h("span", { class: "option-mark", "aria-hidden": "true" }, "✓");
    return h(
      "li",
      {
        id: `${this.#id}-${index}`,
        role: "option",
        class: `menu-item ${index === this.#active ? "is-active" : ""}`,
        "aria-selected": String(chosen),
        on: { click: () => this.#choose(option) },
      },
      h("span", { class: "option-text" }, label, description && h("small", null, description)),
      mark,
    );
  }

  #choose(option) {
    if (this.#menu.most === 1) this.#chooseOnly(option);
    else this.#toggle(option);
    this.#write();
    this.element.focus();
  }

  #chooseOnly({ value }) {
    this.#chosen = [value];
    this.#close();
    this.#menu.onChoose(this.#chosen);
  }

  #toggle({ value }) {
    if (this.#chosen.includes(value)) this.#chosen = this.#chosen.filter((each) => each !== value);
    else if (this.#chosen.length < this.#menu.most) this.#chosen = [...this.#chosen, value];
    this.#draw();
  }

  #onKey(event) {
    const takes = this.#isOpen ? this.#takeOpen(event.key) : this.#takeClosed(event.key);
    if (!takes) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #takeClosed(key) {
    const opens = key === "ArrowDown" || key === "ArrowUp";
    if (opens) this.#open();
    return opens;
  }

  #takeOpen(key) {
    const last = this.#menu.options.length - 1;
    const steps = { ArrowDown: this.#active + 1, ArrowUp: this.#active - 1, Home: 0, End: last };
    if (key === "Escape" || key === "Tab") this.#leave();
    else if ((key === "Enter" || key === " ") && last >= 0)
      this.#choose(this.#menu.options[this.#active]);
    else if (key in steps) {
      this.#active = Math.max(0, Math.min(last, steps[key]));
      this.#draw();
    } else return false;
    return key !== "Tab";
  }
}

const nothing = () =>
  h("li", { role: "option", class: "menu-item", "aria-disabled": "true" }, "Nothing to choose");
