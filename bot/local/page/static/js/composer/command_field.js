/** One option of a slash command, filled in with what fits it. */

import { freshId, h } from "../dom.js";
import { suggest } from "../model/interactions.js";
import { Option } from "../model/kinds.js";
import { complain } from "../toasts.js";
import { people, roles, rooms } from "../views/choices.js";

const PAUSE_MS = 200;
const LISTED = {
  [Option.USER]: people,
  [Option.ROLE]: roles,
  [Option.MENTIONABLE]: () => [...people(), ...roles()],
  [Option.CHANNEL]: (option) => rooms(option.channel_types),
  [Option.BOOLEAN]: () => [{ value: true, label: "True" }, { value: false, label: "False" }],
};
const NUMBERS = new Set([Option.INTEGER, Option.NUMBER]);

/** An option that is wrong or missing, in a sentence. */
export class Unfilled extends Error {}

/**
 * @param {any} option as the application has declared it
 * @param {{list: any, channelId: string, flat: any, others: () => any[]}} form
 */
export function commandField(option, form) {
  const id = freshId("option");
  const input = h("input", {
    id, type: "text", class: "option-input", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", autocomplete: "off", spellcheck: "false",
    "aria-required": String(Boolean(option.required)), "aria-describedby": `${id}-about`, inputmode: NUMBERS.has(option.type) ? "decimal" : null,
  });
  const about = h("span", { class: "sr-only", id: `${id}-about` }, option.description);
  const element = h("div", { class: "option" }, h("label", { for: id, class: "option-name" }, option.name), input, about);
  let picked = null, asking, timer;

  function pick({ label, value }) {
    picked = { label, value };
    input.value = label;
    resize();
    input.focus();
    form.onPicked(api);
  }

  function offer() {
    const fixed = fixedChoices();
    if (fixed) return show(fixed.filter((each) => each.label.toLowerCase().includes(input.value.trim().toLowerCase())).slice(0, 25));
    if (option.autocomplete) ask();
  }

  const fixedChoices = () => LISTED[option.type]?.(option) ?? option.choices?.map(({ name, value }) => ({ label: name, value }));

  function show(items) {
    const shown = items.map((each) => ({ ...each, detail: each.description || "" }));
    form.list.show(input, shown, pick, { first: option.autocomplete && !input.value ? -1 : 0 });
  }

  /** Ask the application, once typing pauses. */
  function ask() {
    clearTimeout(timer);
    asking?.abort();
    timer = setTimeout(async () => {
      asking = new AbortController();
      const typed = { name: option.name, type: option.type, value: input.value, focused: true };
      try {
        const choices = await suggest(form.channelId, form.flat, [...form.others(api), typed], asking.signal);
        if (document.activeElement === input) show(choices.map(({ name, value }) => ({ label: name, value })));
      } catch (error) {
        complain(error);
      }
    }, PAUSE_MS);
  }

  function resize() {
    input.style.setProperty("width", `${Math.min(28, Math.max(7, input.value.length + 2))}ch`);
  }

  input.addEventListener("input", () => {
    picked = null;
    input.removeAttribute("aria-invalid");
    resize();
    offer();
  });
  input.addEventListener("focus", () => (form.onFocus(option), picked || offer()));
  input.addEventListener("blur", () => (clearTimeout(timer), form.list.hide()));
  resize();

  /** The value as Discord takes it; undefined when it was left empty. */
  function read() {
    const text = input.value.trim();
    if (picked && picked.label === input.value) return picked.value;
    if (!text) {
      if (option.required) throw wrong("is required");
      return undefined;
    }
    const fixed = fixedChoices();
    const fitting = fixed?.find((each) => each.label.toLowerCase() === text.toLowerCase());
    if (fitting) return fitting.value;
    if (fixed) throw wrong("takes one of the list");
    return NUMBERS.has(option.type) ? number(text) : text;
  }

  function number(text) {
    const value = Number(text.replace(",", "."));
    const { min_value: least = -Infinity, max_value: most = Infinity } = option;
    if (Number.isNaN(value) || (option.type === Option.INTEGER && !Number.isInteger(value))) throw wrong("takes a number");
    if (value < least || value > most) throw wrong(`must be from ${least} to ${most}`);
    return value;
  }

  function wrong(why) {
    input.setAttribute("aria-invalid", "true");
    input.focus();
    return new Unfilled(`${option.name} ${why}.`);
  }

  const isEmpty = () => input.value === "";
  const filled = () => ({ name: option.name, type: option.type, value: read() });
  const api = { option, element, input, filled, isEmpty };
  return api;
}
