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

/** The parts of a message: what each is made from, and how. */
const PARTS = {
  above: [
    ({ message }) => [message.referenced_message, message.type, message.interaction_metadata],
    ({ message }) => [usedCommand(message), replyLine(message)],
  ],
  side: [aboutAuthor, side],
  head: [
    aboutAuthor,
    (entry) => !entry.compact && !systemLine(entry.message) && head(entry.message),
  ],
  content: [
    ({ message }) => contentKey(message),
    ({ message }) => systemLine(message) || content(message),
  ],
  attachments: [
    ({ shown }) => [shown.attachments?.map((each) => each.id), shown.flags & Flag.VOICE],
    ({ shown }) => attachments(shown),
  ],
  embeds: [({ shown }) => shown.embeds, ({ shown }) => embeds(shown.embeds ?? [])],
  components: [
    ({ message }) => [message.components, pendingOn(message)],
    ({ message }) => components(message),
  ],
  thread: [
    ({ message }) => [message.thread, state.channels.get(message.id)?.name],
    ({ message }) => threadChip(message),
  ],
  reactions: [({ message }) => message.reactions, ({ message }) => reactions(message)],
  notes: [
    ({ message }) => [message.flags & Flag.EPHEMERAL, pendingOn(message)],
    ({ message }) => [failureNote(message), ephemeralNote(message)],
  ],
  tools: [
    ({ message }) => [
      message.flags & (Flag.EPHEMERAL | Flag.LOADING),
      message.type,
      Boolean(message.thread),
    ],
    ({ item }) => toolbar(item),
  ],
};

/** @param {any} message */
export function createMessage(message) {
  const names = Object.keys(PARTS);
  const slots = Object.fromEntries(
    names.map((name) => [name, h("div", { class: `message-${name}` })]),
  );
  const { above, side: left, tools, ...rest } = slots;
  const body = h("div", { class: "message-body" }, Object.values(rest));
  const props = { class: "message", tabindex: "-1", dataset: { messageId: message.id } };
  const item = h("li", props, above, left, body, tools);
  item.slots = slots;
  item.shown = { message };
  return item;
}

/** @param {any} item @param {{message: any, compact: boolean}} entry */
export function updateMessage(item, { message, compact }) {
  item.shown.message = message;
  markKind(item, message, compact);
  const entry = { item, message, compact, shown: starterOr(message) };
  for (const [name, [from, make]] of Object.entries(PARTS)) {
    refresh(item.slots[name], from(entry), () => make(entry));
  }
}

/** What stands in the message; the first one of a thread shows the one that the thread grew from. */
function starterOr(message) {
  if (message.type !== MessageType.THREAD_STARTER) return message;
  return { ...message.referenced_message, channel_id: message.channel_id };
}

function markKind(item, message, compact) {
  const kinds = {
    "is-compact": compact,
    "is-mine-to-read": isForMe(message),
    "is-ephemeral": message.flags & Flag.EPHEMERAL,
    "is-system": systemLine(message),
    "is-inspected": state.wire.open && state.wire.messageId === message.id,
  };
  for (const [name, given] of Object.entries(kinds)) item.classList.toggle(name, Boolean(given));
}

function aboutAuthor({ message, compact }) {
  return [message.id, compact, displayName(message.author)];
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

function side({ message, compact }) {
  if (systemLine(message)) return icon("thread");
  if (!compact) return avatar(message.author);
  return time(message, written(new Date(message.timestamp), "t"));
}

function head(message) {
  const tag = appTag(message.author);
  const author = h(
    "h3",
    { class: "message-author" },
    displayName(message.author),
    tag && [" ", tag],
  );
  const at = time(message, heading(new Date(message.timestamp)));
  return h("div", { class: "message-headline" }, author, hidden(", "), at);
}

function time({ timestamp }, words) {
  const title = written(new Date(timestamp), "F");
  return h("time", { class: "message-time", datetime: timestamp, title }, words);
}
