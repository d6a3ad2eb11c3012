/** A slash command being filled in: its name, its required options, and the optional ones one adds. */

import { fill, h, hidden } from "../dom.js";
import { icon } from "../icons.js";
import { useCommand } from "../model/interactions.js";
import { commandField } from "./command_field.js";

/**
 * @param {any} flat the command
 * @param {any} list the completions
 * @param {string} channelId
 * @param {() => void} leave
 */
export function commandForm(flat, list, channelId, leave) {
  const fields = [];
  const about = h("p", { class: "command-about" }, flat.description);
  const line = h("div", { class: "command-line" });
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Leave the command", on: { click: () => leave() } }, icon("close"));
  const element = h("div", { class: "command-form", role: "group", "aria-label": `/${flat.path}` }, about, h("div", { class: "command-row" }, line, close));
  const form = { list, channelId, flat, others, onFocus, onPicked };

  const rest = () => flat.options.filter((option) => !fields.some((each) => each.option === option));

  function add(option) {
    const field = commandField(option, form);
    fields.push(field);
    draw();
    return field;
  }

  function draw() {
    fill(line, h("span", { class: "command-name" }, `/${flat.path}`), fields.map((each) => each.element), rest().map(adder));
  }

  function adder(option) {
    return h("button", { type: "button", class: "option-add", title: option.description, on: { click: () => add(option).input.focus() } }, hidden("Add option "), h("span", { "aria-hidden": "true" }, "+ "), option.name);
  }

  function onFocus(option) {
    fill(about, h("strong", null, option.name), ` ${option.description}`, !option.required && " (optional)");
  }

  /** After a choice, go to what is still needed. */
  function onPicked() {
    fields.find((each) => each.option.required && each.isEmpty())?.input.focus();
  }

  function others(but) {
    return fields.filter((each) => each !== but && !each.isEmpty()).flatMap((each) => {
      try {
        return [each.filled()];
      } catch {
        return []; // still being typed
      }
    });
  }

  function takeKey(event) {
    if (list.takeKey(event)) return true;
    const field = fields.find((each) => each.input === event.target);
    const leaves = event.key === "Escape" || (event.key === "Backspace" && (!field || (field.isEmpty() && field === fields[0])));
    if (!leaves) return false;
    event.preventDefault();
    leave(event.key === "Backspace" ? `/${flat.path}` : "");
    return true;
  }

  async function send() {
    const options = fields.map((each) => each.filled()).filter((each) => each.value !== undefined);
    await useCommand(channelId, flat, options);
  }

  for (const option of flat.options.filter((each) => each.required)) add(option);
  draw();
  const focus = (button) => (fields[0]?.input ?? button).focus();
  return { element, send, takeKey, focus };
}
