/** A menu to choose from: a button that opens a list, for one or for several. */

import { byId, fill, freshId, h } from "../dom.js";
import { icon } from "../icons.js";
import { place } from "../menus.js";

/**
 * @param {object} menu
 * @param {string} menu.label shown while nothing is chosen
 * @param {{value: string, label: string, description?: string}[]} menu.options
 * @param {string[]} menu.selected
 * @param {number} menu.least
 * @param {number} menu.most more than one: the list stays open until it is left
 * @param {boolean} menu.disabled
 * @param {(values: string[]) => void} menu.onChoose
 */
export function chooser({ label, options, selected, least, most, disabled, onChoose }) {
  let chosen = selected.slice(0, most);
  const id = freshId("list");
  const shown = h("span", { class: "chooser-value" });
  const button = h("button", { type: "button", class: "chooser", role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-label": label, disabled }, shown, icon("down"));
  const list = h("ul", { id, class: "menu chooser-list", role: "listbox", "aria-label": label, "aria-multiselectable": String(most > 1) });
  let active = 0;

  const labels = () => options.filter((each) => chosen.includes(each.value)).map((each) => each.label);
  const write = () => fill(shown, labels().join(", ") || label);
  const isOpen = () => list.isConnected;

  function draw() {
    fill(list, options.map(({ value, label: text, description }, index) => h(
      "li", { id: `${id}-${index}`, role: "option", class: `menu-item ${index === active ? "is-active" : ""}`, "aria-selected": String(chosen.includes(value)), on: { click: () => choose(index) } },
      h("span", { class: "option-text" }, text, description && h("small", null, description)), chosen.includes(value) && h("span", { class: "option-mark", "aria-hidden": "true" }, "✓"),
    )));
    if (!options.length) list.append(h("li", { role: "option", class: "menu-item", "aria-disabled": "true" }, "Nothing to choose"));
    button.setAttribute("aria-activedescendant", `${id}-${active}`);
    byId(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }

  function open() {
    byId("popups").append(list);
    button.setAttribute("aria-expanded", "true");
    button.setAttribute("aria-controls", id);
    active = Math.max(0, options.findIndex((each) => chosen.includes(each.value)));
    draw();
    list.style.setProperty("min-width", `${button.offsetWidth}px`);
    place(list, button);
    document.addEventListener("pointerdown", outside, true);
  }

  function close({ send = most > 1 } = {}) {
    if (!isOpen()) return;
    list.remove();
    document.removeEventListener("pointerdown", outside, true);
    button.setAttribute("aria-expanded", "false");
    button.removeAttribute("aria-activedescendant");
    button.removeAttribute("aria-controls");
    const changed = chosen.length !== selected.length || chosen.some((each) => !selected.includes(each));
    if (send && changed && chosen.length >= least) onChoose(chosen);
  }

  const outside = ({ target }) => list.contains(target) || button.contains(target) || close();

  function choose(index) {
    const { value } = options[index];
    if (most === 1) {
      chosen = [value];
      close({ send: false });
      onChoose(chosen);
    } else if (chosen.includes(value)) chosen = chosen.filter((each) => each !== value);
    else if (chosen.length < most) chosen = [...chosen, value];
    write();
    if (isOpen()) draw();
    button.focus();
  }

  function onKey(event) {
    if (!isOpen()) {
      if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
      open();
    } else if (event.key === "Escape" || event.key === "Tab") {
      close();
      if (event.key === "Tab") return;
    } else if (event.key === "Enter" || event.key === " ") {
      if (options.length) choose(active);
    } else {
      const steps = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: options.length - 1 };
      if (!(event.key in steps)) return;
      active = Math.min(options.length - 1, Math.max(0, steps[event.key]));
      draw();
    }
    event.preventDefault();
    event.stopPropagation();
  }

  button.addEventListener("click", () => (isOpen() ? close() : open()));
  button.addEventListener("keydown", onKey);
  write();
  return button;
}
