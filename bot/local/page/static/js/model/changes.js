/** What each event of the stream changes in what the page knows. */

import { byAge, Flag } from "./kinds.js";
import { settle } from "./interactions.js";
import { emit, findMessage, log, state } from "./store.js";

const TYPING_MS = 10_000;

const CHANGES = {
  MESSAGE_CREATE: takeMessage,
  MESSAGE_UPDATE: (message) => putMessage(message, { isNew: false }),
  MESSAGE_DELETE: ({ channel_id, id }) => drop(channel_id, [id]),
  MESSAGE_DELETE_BULK: ({ channel_id, ids }) => drop(channel_id, ids),
  MESSAGE_REACTION_ADD: (data) => react(data, 1),
  MESSAGE_REACTION_REMOVE: (data) => react(data, -1),
  THREAD_CREATE: putChannel,
  THREAD_UPDATE: putChannel,
  THREAD_DELETE: ({ id }) => dropChannel(id),
  CHANNEL_CREATE: putChannel,
  CHANNEL_UPDATE: putChannel,
  CHANNEL_DELETE: ({ id }) => dropChannel(id),
  TYPING_START: noteTyping,
  INTERACTION_MODAL_CREATE: (modal) => (settle(modal.id), emit("modal", modal)),
  INTERACTION_SUCCESS: ({ id }) => settle(id),
  INTERACTION_FAILURE: ({ id, reason }) => settle(id, reason || "The application did not respond"),
  COMMANDS_UPDATE: () => (state.commands.clear(), emit("commands")),
};

/** Take an event; one we do not know changes nothing. */
export function apply(name, data) {
  CHANGES[name]?.(data);
}

function takeMessage(message) {
  putMessage(message, { isNew: true });
  state.typing.get(message.channel_id)?.delete(message.author.id);
  if (message.interaction_metadata) settle(message.interaction_metadata.id);
  if (message.channel_id !== state.channelId && message.author.id !== state.me) markUnread(message);
  emit("typing");
  emit("arrived", message);
}

/** Keep a message, new or changed, in its place. */
export function putMessage(message, { isNew = true } = {}) {
  const kept = log(message.channel_id);
  learnUsers(message);
  if (!kept) return;
  const index = kept.messages.findIndex((each) => each.id === message.id);
  if (index >= 0) kept.messages[index] = { ...kept.messages[index], ...message };
  else if (isNew || isWithin(kept, message)) insert(kept.messages, message);
  emit("messages", message.channel_id);
}

const isWithin = (kept, message) =>
  kept.messages.length > 0 && byAge(kept.messages[0].id, message.id) < 0;

function insert(messages, message) {
  let at = messages.length;
  while (at > 0 && byAge(messages[at - 1].id, message.id) > 0) at--;
  messages.splice(at, 0, message);
}

/** Keep one page of history, newest first as it came. */
export function putHistory(channelId, page, { older = false } = {}) {
  page.forEach(learnUsers);
  const kept = log(channelId);
  const fetched = [...page].reverse();
  const messages = older && kept ? [...fetched, ...kept.messages] : fetched;
  state.logs.set(channelId, { messages, complete: page.length < 50, loading: false });
  emit("messages", channelId);
}

function drop(channelId, ids) {
  const kept = log(channelId);
  if (!kept) return;
  kept.messages = kept.messages.filter((each) => !ids.includes(each.id));
  for (const each of kept.messages)
    if (ids.includes(each.referenced_message?.id)) each.referenced_message = null;
  if (state.reply && ids.includes(state.reply.message.id)) {
    state.reply = null;
    emit("reply");
  }
  emit("messages", channelId);
}

/** Put an ephemeral message away, here only. */
export function dismiss(message) {
  state.dismissed.add(message.id);
  emit("messages", message.channel_id);
}

function react({ channel_id, message_id, user_id, emoji }, step) {
  const message = findMessage(message_id, channel_id);
  if (!message) return;
  const reactions = structuredClone(message.reactions ?? []);
  const mine = user_id === state.me;
  let reaction = reactions.find((each) => each.emoji.name === emoji.name);
  if (!reaction) reactions.push((reaction = { emoji, count: 0, me: false }));
  if (mine && reaction.me === step > 0) return;
  reaction.count += step;
  if (mine) reaction.me = step > 0;
  message.reactions = reactions.filter((each) => each.count > 0);
  emit("messages", channel_id);
}

function putChannel(channel) {
  const known = state.channels.get(channel.id);
  const permissions =
    channel.permissions ?? known?.permissions ?? state.channels.get(channel.parent_id)?.permissions;
  state.channels.set(channel.id, { ...known, ...channel, permissions });
  const starter = findMessage(channel.id, channel.parent_id);
  if (starter) {
    starter.thread = { ...starter.thread, ...channel };
    emit("messages", channel.parent_id);
  }
  emit("channels");
}

function dropChannel(id) {
  state.channels.delete(id);
  state.logs.delete(id);
  emit("channels");
}

function noteTyping({ channel_id, user_id }) {
  if (user_id === state.me) return;
  const typists = state.typing.get(channel_id) ?? new Map();
  state.typing.set(channel_id, typists.set(user_id, Date.now() + TYPING_MS));
  emit("typing");
  setTimeout(() => emit("typing"), TYPING_MS + 50);
}

function markUnread(message) {
  const pings = state.unread.get(message.channel_id) ?? 0;
  state.unread.set(message.channel_id, pings + Number(isForMe(message)));
  emit("channels");
}

/** Whether a message pings whom one is: by name, by a role, by everyone. */
export function isForMe(message) {
  if (message.author.id === state.me || message.flags & Flag.EPHEMERAL) return false;
  const guild = state.guilds.find(
    (each) => each.id === state.channels.get(message.channel_id)?.guild_id,
  );
  const roles = guild?.members.find((each) => each.user.id === state.me)?.roles ?? [];
  const named = message.mentions?.some((user) => user.id === state.me);
  return Boolean(
    named || message.mention_everyone || message.mention_roles?.some((id) => roles.includes(id)),
  );
}

function learnUsers(message) {
  for (const user of [
    message.author,
    ...(message.mentions ?? []),
    message.interaction_metadata?.user,
  ]) {
    if (user?.id && !state.users.has(user.id)) state.users.set(user.id, user);
  }
}
