/** What one does with messages: send, answer, edit, delete, react, start threads, inspect. */

import * as api from "./api.js";
import { putMessage } from "./changes.js";
import { Flag } from "./kinds.js";
import { open } from "./session.js";
import { emit, log, state } from "./store.js";

const TYPING_EVERY_MS = 8_000;
const PINGS = ["users", "roles", "everyone"];

/**
 * @typedef {object} Enclosure
 * @property {string} key
 * @property {File} file
 * @property {string} [description] for those who cannot see it
 */

/** Send a text with files; as a reply when one is being written. */
export async function send(channelId, content, enclosures = [], reply = state.reply) {
  const attachments = enclosures.map(({ file, description }, id) => ({
    id,
    filename: file.name,
    ...(description && { description }),
  }));
  const payload = { content, ...replying(reply), ...(attachments.length && { attachments }) };
  clearReply(reply);
  putMessage(
    await api.postMessage(
      channelId,
      payload,
      enclosures.map(({ file }) => file),
    ),
  );
}

/** Send a recording as a native voice message, or as a file where the browser cannot make one. */
export async function sendVoice(
  channelId,
  { kind = "voice", blob, filename = "voice-message.ogg", seconds, waveform },
) {
  const file = new File([blob], filename, { type: blob.type });
  const reply = state.reply;
  if (kind === "file") return send(channelId, "", [{ file }], reply);
  const attachments = [{ id: 0, filename, duration_secs: seconds, waveform }];
  const payload = { flags: Flag.VOICE, attachments, ...replying(reply) };
  clearReply(reply);
  putMessage(await api.postMessage(channelId, payload, [file]));
}

function replying(reply) {
  const allowed_mentions = { parse: PINGS, replied_user: reply?.ping ?? true };
  if (!reply) return { allowed_mentions };
  const { id, channel_id } = reply.message;
  return { allowed_mentions, message_reference: { message_id: id, channel_id } };
}

function clearReply(reply) {
  if (reply && state.reply === reply) answer(null);
}

/** Begin a reply to a message, or end it with null. */
export function answer(message) {
  state.reply = message && { message, ping: message.author.id !== state.me };
  emit("reply");
}

/** Switch the ping of the reply being written. */
export function togglePing() {
  state.reply.ping = !state.reply.ping;
  emit("reply");
}

/** Edit a message in place; "" ends it. */
export function edit(messageId) {
  state.editing = messageId;
  emit("messages", state.channelId);
}

/** The last message of one's own that can be edited. */
export function lastOwn() {
  return log()?.messages.findLast(
    (each) =>
      each.author.id === state.me && !(each.flags & Flag.VOICE) && [0, 19].includes(each.type),
  );
}

export const saveEdit = async (message, content) =>
  putMessage(await api.editMessage(message.channel_id, message.id, content), { isNew: false });

export const toggleReaction = (message, emoji) => {
  const given = message.reactions?.some((each) => each.emoji.name === emoji && each.me);
  return api.setReaction(message.channel_id, message.id, emoji, !given);
};

/** Start a thread on a message and go there. */
export async function startThread(message, name) {
  const thread = await api.startThread(message.channel_id, message.id, name);
  enter(thread);
}

/** Open a post in a forum and go there. */
export async function postToForum(forum, name, content, enclosures) {
  const attachments = enclosures.map(({ file, description }, id) => ({
    id,
    filename: file.name,
    ...(description && { description }),
  }));
  const message = { content, ...(attachments.length && { attachments }) };
  enter(
    await api.postToForum(
      forum.id,
      { name, message },
      enclosures.map(({ file }) => file),
    ),
  );
}

function enter(thread) {
  const parent = state.channels.get(thread.parent_id);
  const known = state.channels.get(thread.id);
  const guild_id = thread.guild_id ?? parent?.guild_id;
  state.channels.set(thread.id, {
    guild_id,
    permissions: parent?.permissions,
    ...known,
    ...thread,
  });
  emit("channels");
  open(thread.id);
}

let saidAt = 0;
/** Tell others that one is typing, now and then. */
export function sayTyping(channelId) {
  if (Date.now() - saidAt < TYPING_EVERY_MS) return;
  saidAt = Date.now();
  api.postTyping(channelId).catch(() => {}); // a hint: nothing is lost without it
}

/** Show what went over the wire for an answer. */
export async function inspect(message) {
  Object.assign(state.wire, { open: true, messageId: message.id, data: null, error: "" });
  emit("wire");
  try {
    const data = await api.getWire(message.channel_id, message.id);
    if (state.wire.messageId === message.id) state.wire.data = data;
  } catch (error) {
    const nothing = "Nothing went over the wire for this message. Choose an answer of the bot.";
    if (state.wire.messageId === message.id)
      state.wire.error = error.status === 404 ? nothing : error.message;
  }
  emit("wire");
}
