/** The way from a message to the thread that grew from it. */

import { h, hidden } from "../dom.js";
import { icon } from "../icons.js";
import { open } from "../model/session.js";
import { state } from "../model/store.js";

export function threadChip(message) {
  const thread = state.channels.get(message.id) ?? message.thread;
  if (!thread || thread.id === message.channel_id) return null;
  return h(
    "button",
    {
      type: "button",
      class: "thread-chip",
      on: { click: () => state.channels.has(thread.id) && open(thread.id) },
    },
    icon("thread"),
    hidden("Thread "),
    h("span", { class: "thread-chip-name" }, thread.name),
    h("span", { class: "thread-chip-more" }, "See thread", icon("right")),
  );
}
