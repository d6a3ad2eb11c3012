/** The conversation: a log that stays at its end, and fetches what is older when one scrolls up. */

import { h, reconcile } from "../dom.js";
import { icon } from "../icons.js";
import { loadOlder } from "../model/session.js";
import { log, state } from "../model/store.js";
import { complain } from "../toasts.js";
import { createPending, updatePending } from "./interaction_notes.js";
import { entries } from "./log_entries.js";
import { createDay, createBeginning } from "./log_lines.js";
import { createMessage, updateMessage } from "./message.js";
import { watchKeys } from "./log_keys.js";

const NEAR_PX = 80;
const FETCH_AT_PX = 400;

const CREATE = { message: createMessage_, day: createDay, pending: createPending, beginning: createBeginning };
const UPDATE = { message: updateMessage, pending: updatePending };

function createMessage_(entry) {
  return createMessage(entry.message);
}

/** @returns {{element: HTMLElement, draw: () => void}} */
export function createLog() {
  const list = h("ol", { class: "messages" });
  const scroller = h("div", { class: "log", role: "log", "aria-label": "Messages", "aria-live": "polite", tabindex: "0", "aria-busy": "true" }, list);
  const present = h("button", { type: "button", class: "to-present", hidden: true, on: { click: () => toEnd() } }, "Jump to the newest", icon("down"));
  const element = h("section", { class: "log-frame", "aria-label": "Conversation" }, h("h2", { class: "sr-only" }, "Messages"), scroller, present);
  let stuck = true;
  let oldest;

  function toEnd() {
    stuck = true;
    present.hidden = true;
    scroller.scrollTop = scroller.scrollHeight;
  }

  function draw() {
    const kept = log();
    if (!kept) return;
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    const first = kept.messages[0]?.id;
    reconcile(list, entries(kept), (entry) => entry.key, (entry) => CREATE[entry.kind](entry), (item, entry) => UPDATE[entry.kind]?.(item, entry));
    scroller.setAttribute("aria-busy", "false");
    if (stuck) toEnd();
    else if (first !== oldest) scroller.scrollTop = scroller.scrollHeight - fromEnd;
    oldest = first;
    fetchIfNear();
  }

  function fetchIfNear() {
    const kept = log();
    const isNear = scroller.scrollTop < FETCH_AT_PX;
    if (isNear && kept && !kept.complete && !kept.loading && element.isConnected) loadOlder().catch(complain);
  }

  function onScroll() {
    stuck = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
    present.hidden = stuck;
    fetchIfNear();
  }

  scroller.addEventListener("scroll", onScroll, { passive: true });
  const grown = new ResizeObserver(() => stuck && toEnd());
  grown.observe(list);
  grown.observe(scroller);
  watchKeys(scroller);
  if (state.logs.has(state.channelId)) draw();
  queueMicrotask(() => stuck && toEnd());
  return { element, draw };
}
