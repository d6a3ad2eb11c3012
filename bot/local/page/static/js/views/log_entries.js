/** What stands in the log: messages, grouped, with a line where a day begins. Pure. */

import { Flag, MessageType } from "../model/kinds.js";
import { state } from "../model/store.js";
import { dayOf } from "../time.js";

const GROUP_MS = 7 * 60_000;

/** @returns {{kind: string, key: string, [name: string]: any}[]} */
export function entries({ messages, complete }) {
  const shown = messages.filter((each) => !state.dismissed.has(each.id));
  const list = complete ? [{ kind: "beginning", key: "beginning" }] : [];
  shown.forEach((message, index) => {
    const before = shown[index - 1];
    const newDay = !before || dayOf(before.timestamp) !== dayOf(message.timestamp);
    if (newDay)
      list.push({
        kind: "day",
        key: `day ${dayOf(message.timestamp)} ${message.id}`,
        at: message.timestamp,
      });
    list.push({
      kind: "message",
      key: message.id,
      message,
      compact: !newDay && continues(before, message),
    });
  });
  return [...list, ...pending()];
}

/** Whether a message goes on in the group of the one before. */
function continues(before, message) {
  if (
    before.author.id !== message.author.id ||
    message.type !== MessageType.DEFAULT ||
    message.interaction_metadata?.name
  )
    return false;
  if (![MessageType.DEFAULT, MessageType.REPLY, MessageType.COMMAND].includes(before.type))
    return false;
  if ((before.flags ^ message.flags) & Flag.EPHEMERAL) return false;
  return Date.parse(message.timestamp) - Date.parse(before.timestamp) < GROUP_MS;
}

/** Commands on their way, and those that failed. */
function pending() {
  const here = [...state.pending.values()].filter(
    (each) => each.channelId === state.channelId && !each.messageId,
  );
  return here.map((each) => ({ kind: "pending", key: `pending ${each.id}`, pending: each }));
}
