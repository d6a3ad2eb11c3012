/** The conversation: a log that stays at its end, and fetches what is older when one scrolls up. */

import { h, reconcile } from "../dom.js";
import { icon } from "../icons.js";
import { loadOlder } from "../model/session.js";
import { log, state } from "../model/store.js";
import { complain } from "../toasts.js";
import { createPending, updatePending } from "./interaction_notes.js";
import { entries } from "./log_entries.js";
import { watchKeys } from "./log_keys.js";
import { createBeginning, createDay } from "./log_lines.js";
import { createMessage, updateMessage } from "./message.js";

const NEAR_PX = 80;
const FETCH_AT_PX = 400;
const CREATE = {
  message: ({ message }) => createMessage(message),
  day: createDay,
  pending: createPending,
  beginning: createBeginning,
};
const UPDATE = { message: updateMessage, pending: updatePending };

/** The log of the room that is open when it is made. */
export class Log {
  #list = h("ol", { class: "messages" });
  #scroller;
  #toEnd;
  #isStuck = true;
  #oldestId = "";

  constructor() {
    const props = { class: "log", role: "log", "aria-label": "Messages", "aria-live": "polite" };
    this.#scroller = h("div", { ...props, tabindex: "0", "aria-busy": "true" }, this.#list);
    this.#toEnd = h(
      "button",
      { type: "button", class: "to-present", hidden: true },
      "Jump to the newest",
      icon("down"),
    );
    const title = h("h2", { class: "sr-only" }, "Messages");
    this.element = h(
      "section",
      { class: "log-frame", "aria-label": "Conversation" },
      title,
      this.#scroller,
      this.#toEnd,
    );
    this.#listen();
    if (state.logs.has(state.channelId)) this.draw();
    queueMicrotask(() => this.#stick());
  }

  /** Show what the log holds now; what was looked at stays where it is. */
  draw() {
    const kept = log();
    if (!kept) return;
    const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    reconcile(this.#list, entries(kept), (each) => each.key, create, update);
    this.#scroller.setAttribute("aria-busy", "false");
    const oldestId = kept.messages[0]?.id ?? "";
    if (this.#isStuck) this.#stick();
    else if (oldestId !== this.#oldestId)
      this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd;
    this.#oldestId = oldestId;
    this.#fetchIfNear();
  }

  #listen() {
    this.#scroller.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.#toEnd.addEventListener("click", () => this.#goToEnd());
    const grown = new ResizeObserver(() => this.#stick());
    grown.observe(this.#list);
    grown.observe(this.#scroller);
    watchKeys(this.#scroller);
  }

  #onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    this.#isStuck = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    this.#toEnd.hidden = this.#isStuck;
    this.#fetchIfNear();
  }

  #goToEnd() {
    this.#isStuck = true;
    this.#stick();
    this.#scroller.focus();
  }

  /** Stay at the end, where one was. */
  #stick() {
    if (!this.#isStuck) return;
    this.#toEnd.hidden = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #fetchIfNear() {
    const kept = log();
    const isNear = this.element.isConnected && this.#scroller.scrollTop < FETCH_AT_PX;
    if (isNear && kept && !kept.complete && !kept.loading) loadOlder().catch(complain);
  }
}

const create = (entry) => CREATE[entry.kind](entry);
const update = (item, entry) => UPDATE[entry.kind]?.(item, entry);
