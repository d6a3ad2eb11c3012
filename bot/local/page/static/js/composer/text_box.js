/** The box one types a message into: it grows, counts, and completes names and commands. */

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { loadCommands } from "../model/session.js";
import { state } from "../model/store.js";
import { complain } from "../toasts.js";
import { avatar } from "../views/avatar.js";
import { candidates, findTrigger, namedCommand } from "./completion.js";
import { encode } from "./mentions.js";

const MOST = 2000;
const TOLD_FROM = 1800;
const TALLEST = 0.4;
const PICTURES = { role: "at", channel: "hash" };

export class TextBox {
  #list;
  #onCommand;
  #onTyping;

  /**
   * @param {import("./suggestions.js").Suggestions} list
   * @param {(flat: any) => void} onCommand a command was chosen
   * @param {() => void} onTyping
   */
  constructor(list, onCommand, onTyping) {
    this.#list = list;
    this.#onCommand = onCommand;
    this.#onTyping = onTyping;
    const props = {
      class: "composer-text",
      rows: "1",
      autocomplete: "off",
      "aria-autocomplete": "list",
    };
    this.area = h("textarea", { ...props, "aria-describedby": "composer-left" });
    this.left = h("span", { class: "composer-left", id: "composer-left" });
    this.area.addEventListener("input", () => this.#onInput());
    this.area.addEventListener("click", () => this.#complete());
    this.area.addEventListener("blur", () => list.hide());
  }

  get value() {
    return this.area.value;
  }

  set value(text) {
    this.area.value = text;
    this.fit();
  }

  set label(label) {
    this.area.setAttribute("aria-label", label);
    this.area.setAttribute("placeholder", label);
  }

  /** Be as tall as the text, and tell how much of it is left. */
  fit() {
    const { area, left } = this;
    area.style.setProperty("height", "auto");
    area.style.setProperty("height", `${Math.min(area.scrollHeight, innerHeight * TALLEST)}px`);
    const length = encode(area.value).length;
    left.textContent = length > TOLD_FROM ? String(MOST - length) : "";
    left.classList.toggle("is-over", length > MOST);
  }

  #onInput() {
    this.fit();
    this.#onTyping();
    this.#complete();
  }

  #complete() {
    const named = namedCommand(this.value);
    if (named) return this.#onCommand(named);
    const trigger =
      document.activeElement === this.area && findTrigger(this.value, this.area.selectionStart);
    if (!trigger) return this.#list.hide();
    if (trigger.kind === "/") this.#fetchCommands();
    const items = candidates(trigger).map(trigger.kind === "/" ? commandItem : nameItem);
    this.#list.show(this.area, items, (item) => this.#take(trigger, item));
  }

  /** Ask for the commands of this room, where they did not come yet. */
  async #fetchCommands() {
    if (state.commands.get(state.channelId)?.length) return;
    try {
      await loadCommands();
      if (state.commands.get(state.channelId)?.length && this.value.startsWith("/"))
        this.#complete();
    } catch (error) {
      complain(error);
    }
  }

  #take({ kind, from }, item) {
    if (kind === "/") return this.#onCommand(item.flat);
    const after = this.value.slice(this.area.selectionStart).replace(/^ /, "");
    const before = `${this.value.slice(0, from)}${item.text} `;
    this.value = before + after;
    this.area.setSelectionRange(before.length, before.length);
    this.#onTyping();
  }
}

function commandItem(flat) {
  const options = flat.options
    .map(({ name, required }) => (required ? name : `[${name}]`))
    .join(" ");
  const detail = [options, flat.description].filter(Boolean).join(" · ");
  return { flat, label: `/${flat.path}`, detail, picture: icon("command") };
}

function nameItem({ kind, text, user, label }) {
  const account = user && text !== `@${user.username}` ? user.username : "";
  const picture = user ? avatar(user, "avatar-small") : icon(PICTURES[kind]);
  return { text, label: label ?? text, detail: kind === "role" ? "role" : account, picture };
}
