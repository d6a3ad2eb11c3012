/** One message. Its parts are made anew only when what they show has changed: what plays, plays on. */

import { h, hidden, refresh } from "../dom.js";
import { icon } from "../icons.js";
import { isForMe } from "../model/changes.js";
import { Flag, MessageType } from "../model/kinds.js";
import { displayName } from "../model/names.js";
import { state } from "../model/store.js";
import { heading, written } from "../time.js";
import { attachments } from "./attachments.js";
import { appTag, avatar } from "./avatar.js";
import { components } from "./components.js";
import { content } from "./content.js";
import { embeds } from "./embeds.js";
import { ephemeralNote, failureNote, usedCommand } from "./interaction_notes.js";
import { reactions } from "./reactions.js";
import { replyLine } from "./reply_line.js";
import { systemLine } from "./system_line.js";
import { threadChip } from "./thread_chip.js";
import { toolbar } from "./toolbar.js";

const PARTS = [
  "above",
  "side",
  "head",
  "content",
  "attachments",
  "embeds",
  "components",
  "thread",
  "reactions",
  "notes",
  "tools",
];

/** @param {any} message */
export function createMessage(message) {
  const slots = Object.fromEntries(
    PARTS.map((name) => [name, h("div", { class: `message-${name}` })]),
  );
  const { above, side, tools, ...rest } = slots;
  const body = h("div", { class: "message-body" }, Object.values(rest));
  const item = h(
    "li",
    { class: "message", tabindex: "-1", dataset: { messageId: message.id } },
    above,
    side,
    body,
    tools,
  );
  item.slots = slots;
  item.shown = { message };
  return item;
}

/** @param {any} item @param {{message: any, compact: boolean}} entry */
export function updateMessage(item, { message, compact }) {
  item.shown.message = message;
  const { slots } = item;
  const shown =
    message.type === MessageType.THREAD_STARTER
      ? { ...message.referenced_message, channel_id: message.channel_id }
      : message;
  const system = systemLine(message);
  const classes = {
    "is-compact": compact,
    "is-mine-to-read": isForMe(message),
    "is-ephemeral": message.flags & Flag.EPHEMERAL,
    "is-system": system,
  };
  for (const [name, given] of Object.entries(classes)) item.classList.toggle(name, Boolean(given));
  item.classList.toggle("is-inspected", state.wire.open && state.wire.messageId === message.id);
  const about = [message.id, compact, displayName(message.author)];
  refresh(
    slots.above,
    [message.referenced_message, message.type, message.interaction_metadata],
    () => [usedCommand(message), replyLine(message)],
  );
  refresh(slots.side, about, () => side(message, compact, system));
  refresh(slots.head, about, () => !compact && !system && head(message));
  refresh(slots.content, contentKey(message), () => system || content(message));
  refresh(
    slots.attachments,
    [(shown.attachments ?? []).map((each) => each.id), shown.flags & Flag.VOICE],
    () => attachments(shown),
  );
  refresh(slots.embeds, shown.embeds, () => embeds(shown.embeds ?? []));
  refresh(slots.components, [message.components, pendingOn(message)], () => components(message));
  refresh(slots.thread, [message.thread, state.channels.get(message.id)?.name], () =>
    threadChip(message),
  );
  refresh(slots.reactions, message.reactions, () => reactions(message));
  refresh(slots.notes, [message.flags & Flag.EPHEMERAL, pendingOn(message)], () => [
    failureNote(message),
    ephemeralNote(message),
  ]);
  refresh(slots.tools, [message.flags & (Flag.EPHEMERAL | Flag.LOADING), Boolean(system)], () =>
    toolbar(item),
  );
}

const contentKey = (message) => [
  message.content,
  message.edited_timestamp,
  message.flags & Flag.LOADING,
  state.editing === message.id,
  message.type,
  message.message_snapshots,
  message.referenced_message?.content,
];

const pendingOn = (message) =>
  [...state.pending.values()].filter((each) => each.messageId === message.id);

function side(message, compact, system) {
  if (system) return icon(message.type === MessageType.THREAD_CREATED ? "thread" : "right");
  if (!compact) return avatar(message.author);
  return h(
    "time",
    {
      class: "message-time",
      datetime: message.timestamp,
      title: written(new Date(message.timestamp), "F"),
    },
    written(new Date(message.timestamp), "t"),
  );
}

function head(message) {
  const at = new Date(message.timestamp);
  return h(
    "div",
    { class: "message-headline" },
    h(
      "h3",
      { class: "message-author" },
      displayName(message.author),
      appTag(message.author) && [" ", appTag(message.author)],
    ),
    hidden(", "),
    h(
      "time",
      { class: "message-time", datetime: message.timestamp, title: written(at, "F") },
      heading(at),
    ),
  );
}
