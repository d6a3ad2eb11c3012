/** One option of a slash command, filled in with what fits it. */

import { freshId, h } from "../dom.js";
import { suggest } from "../model/interactions.js";
import { Option } from "../model/kinds.js";
import { complain } from "../toasts.js";
import { choicesFor, NUMBERS, readNumber, Unfilled } from "./option_values.js";

const PAUSE_MS = 200;
const MOST = 25;
const SHORTEST_CH = 7;
const LONGEST_CH = 28;

/**
 * @typedef {object} Form the command it belongs to
 * @property {import("./suggestions.js").Suggestions} list
 * @property {string} channelId
 * @property {any} flat
 * @property {(but: CommandField) => any[]} others what is filled in beside
 * @property {(option: any) => void} onFocus
 * @property {() => void} onPicked
 */
export class CommandField {
  #form;
  #picked = null;
  #asking = new AbortController();
  #timer = 0;

  /** @param {any} option as the application has declared it @param {Form} form */
  constructor(option, form) {
    this.option = option;
    this.#form = form;
    const id = freshId("option");
    this.input = inputFor(option, id);
    const about = h("span", { class: "sr-only", id: `${id}-about` }, option.description);
    const name = h("label", { for: id, class: "option-name" }, option.name);
    this.element = h("div", { class: "option" }, name, this.input, about);
    this.#listen();
    this.#resize();
  }

  get isEmpty() {
    return this.input.value === "";
  }

  /**
   * The option as Discord takes it; its value is undefined when it was left empty.
   * @throws {Unfilled}
   */
  get filled() {
    return { name: this.option.name, type: this.option.type, value: this.#value() };
  }

  #value() {
    const { option } = this;
    const text = this.input.value.trim();
    if (this.#picked?.label === this.input.value) return this.#picked.value;
    if (!text && option.required) throw this.#wrong("is required");
    if (!text) return undefined;
    const choices = choicesFor(option);
    const fitting = choices?.find((each) => each.label.toLowerCase() === text.toLowerCase());
    if (choices && !fitting) throw this.#wrong("takes one of the list");
    if (fitting) return fitting.value;
    return NUMBERS.has(option.type) ? readNumber(option, text, (why) => this.#wrong(why)) : text;
  }

  /** Show that this is what must be mended. */
  blame() {
    this.input.setAttribute("aria-invalid", "true");
    this.input.focus();
  }

  #wrong(why) {
    return new Unfilled(this, `${this.option.name} ${why}.`);
  }

  #listen() {
    this.input.addEventListener("input", () => this.#onInput());
    this.input.addEventListener("focus", () => this.#onFocus());
    this.input.addEventListener("blur", () => this.#onBlur());
  }

  #onInput() {
    this.#picked = null;
    this.input.removeAttribute("aria-invalid");
    this.#resize();
    this.#offer();
  }

  #onFocus() {
    this.#form.onFocus(this.option);
    if (!this.#picked) this.#offer();
  }

  #onBlur() {
    clearTimeout(this.#timer);
    this.#form.list.hide();
  }

  #offer() {
    const typed = this.input.value.trim().toLowerCase();
    const choices = choicesFor(this.option);
    if (choices)
      this.#show(choices.filter((each) => each.label.toLowerCase().includes(typed)).slice(0, MOST));
    else if (this.option.autocomplete) this.#askSoon();
  }

  #show(choices) {
    const items = choices.map((each) => ({ ...each, detail: each.description }));
    const first = this.option.autocomplete && this.isEmpty ? -1 : 0;
    this.#form.list.show(this.input, items, (choice) => this.#pick(choice), first);
  }

  #pick(choice) {
    this.#picked = choice;
    this.input.value = choice.label;
    this.#resize();
    this.input.focus();
    this.#form.onPicked();
  }

  /** Ask the application what fits, once typing pauses. */
  #askSoon() {
    clearTimeout(this.#timer);
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#timer = setTimeout(() => this.#ask(this.#asking.signal).catch(complain), PAUSE_MS);
  }

  async #ask(signal) {
    const { channelId, flat, others } = this.#form;
    const typed = {
      name: this.option.name,
      type: this.option.type,
      value: this.input.value,
      focused: true,
    };
    const choices = await suggest(channelId, flat, [...others(this), typed], signal);
    if (document.activeElement !== this.input) return;
    this.#show(choices.map(({ name, value }) => ({ label: name, value })));
  }

  #resize() {
    const width = Math.min(LONGEST_CH, Math.max(SHORTEST_CH, this.input.value.length + 2));
    this.input.style.setProperty("width", `${width}ch`);
  }
}

function inputFor(option, id) {
  return h("input", {
    id,
    type: "text",
    class: "option-input",
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-required": String(Boolean(option.required)),
    "aria-describedby": `${id}-about`,
    autocomplete: "off",
    spellcheck: "false",
    inputmode: NUMBERS.has(option.type) ? "decimal" : null,
    disabled: option.type === Option.ATTACHMENT,
  });
}
