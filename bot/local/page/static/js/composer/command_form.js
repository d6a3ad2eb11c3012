/** A slash command being filled in: its name, its required options, and the optional ones one adds. */

import { fill, h, hidden } from "../dom.js";
import { icon } from "../icons.js";
import { useCommand } from "../model/interactions.js";
import { CommandField } from "./command_field.js";
import { Unfilled } from "./option_values.js";

export class CommandForm {
  /** @type {CommandField[]} */
  #fields = [];
  #line = h("div", { class: "command-line" });
  #about;
  #leave;

  /**
   * @param {any} flat the command
   * @param {import("./suggestions.js").Suggestions} list
   * @param {string} channelId
   * @param {(text?: string) => void} leave goes back to the text, which may be given
   */
  constructor(flat, list, channelId, leave) {
    Object.assign(this, { flat, list, channelId });
    this.#leave = leave;
    this.#about = h("p", { class: "command-about" }, flat.description);
    const props = { type: "button", class: "icon-button", "aria-label": "Leave the command" };
    const close = h("button", { ...props, on: { click: () => leave() } }, icon("close"));
    const row = h("div", { class: "command-row" }, this.#line, close);
    this.element = h(
      "div",
      { class: "command-form", role: "group", "aria-label": `/${flat.path}` },
      this.#about,
      row,
    );
    for (const option of flat.options.filter((each) => each.required)) this.#add(option);
    this.#draw();
  }

  /** Go to the first option; where there is none, to the button that sends. */
  focus(button) {
    (this.#fields[0]?.input ?? button).focus();
  }

  /** @throws {Unfilled} */
  async send() {
    await useCommand(this.channelId, this.flat, this.#filled());
  }

  #filled() {
    try {
      return this.#fields.map((each) => each.filled).filter((each) => each.value !== undefined);
    } catch (error) {
      if (error instanceof Unfilled) error.field.blame();
      throw error;
    }
  }

  /** Take a key that belongs to the form; tells whether it did. */
  takeKey(event) {
    if (this.list.takeKey(event)) return true;
    if (!this.#leaves(event)) return false;
    event.preventDefault();
    this.#leave(event.key === "Backspace" ? `/${this.flat.path}` : "");
    return true;
  }

  /** Escape leaves, and so does going back from where nothing is before. */
  #leaves({ key, target }) {
    const at = this.#fields.findIndex((each) => each.input === target);
    const isAtStart = at < 0 || (at === 0 && this.#fields[0].isEmpty);
    return key === "Escape" || (key === "Backspace" && isAtStart);
  }

  #add(option) {
    const field = new CommandField(option, this);
    this.#fields.push(field);
    this.#draw();
    return field;
  }

  #draw() {
    const missing = this.flat.options.filter(
      (option) => !this.#fields.some((each) => each.option === option),
    );
    const name = h("span", { class: "command-name" }, `/${this.flat.path}`);
    fill(
      this.#line,
      name,
      this.#fields.map((each) => each.element),
      missing.map((option) => this.#adder(option)),
    );
  }

  #adder(option) {
    const on = { click: () => this.#add(option).input.focus() };
    const plus = h("span", { "aria-hidden": "true" }, "+ ");
    return h(
      "button",
      { type: "button", class: "option-add", title: option.description, on },
      hidden("Add option "),
      plus,
      option.name,
    );
  }

  // What the fields ask of the form.

  onFocus(option) {
    fill(
      this.#about,
      h("strong", null, option.name),
      ` ${option.description}`,
      !option.required && " (optional)",
    );
  }

  /** After a choice, go to what is still needed. */
  onPicked() {
    this.#fields.find((each) => each.option.required && each.isEmpty)?.input.focus();
  }

  /** What is filled in beside one field; what is still being typed is left out. */
  others = (but) => {
    return this.#fields
      .filter((each) => each !== but && !each.isEmpty)
      .flatMap((each) => {
        try {
          return [each.filled];
        } catch (error) {
          if (error instanceof Unfilled) return [];
          throw error;
        }
      });
  };
}
