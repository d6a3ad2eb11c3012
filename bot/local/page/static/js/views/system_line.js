/** Messages that Discord itself writes. */

import { h } from "../dom.js";
import { MessageType } from "../model/kinds.js";
import { displayName } from "../model/names.js";
import { open } from "../model/session.js";
import { state } from "../model/store.js";

/** The line for such a message; null for those that people and bots write. */
export function systemLine(message) {
  if (message.type !== MessageType.THREAD_CREATED) return null;
  const thread = state.channels.get(message.message_reference?.channel_id);
  const name = message.content || thread?.name || "a thread";
  const link = h(
    "button",
    {
      type: "button",
      class: "link-button",
      disabled: !thread,
      on: { click: () => open(thread.id) },
    },
    name,
  );
  return h(
    "p",
    { class: "system-line" },
    h("strong", null, displayName(message.author)),
    " started a thread: ",
    link,
  );
}
