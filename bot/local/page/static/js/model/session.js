/** Being somebody: who one is, what is open, and catching up with what happened meanwhile. */

import * as api from "./api.js";
import { apply, putHistory } from "./changes.js";
import { listen } from "./events.js";
import { Channel, FORUMS } from "./kinds.js";
import { channel, emit, log, state } from "./store.js";
import { complain } from "../toasts.js";

const KEY = "me";
let hangUp = () => {};

/** Load the world and become whom one was, else the first of the people. */
export async function begin() {
  state.world = await api.getWorld();
  for (const { user } of [...state.world.people, { user: state.world.bot }])
    state.users.set(user.id, user);
  emit("world");
  const ids = state.world.people.map(({ user }) => user.id);
  const before = [sessionStorage.getItem(KEY), localStorage.getItem(KEY)].find((id) =>
    ids.includes(id),
  );
  addEventListener("hashchange", () => followAddress());
  become(before ?? ids[0]);
  watchEngine();
}

/** Act as another person from now on. */
export function become(userId) {
  hangUp();
  sessionStorage.setItem(KEY, userId);
  localStorage.setItem(KEY, userId);
  state.me = userId;
  for (const kept of [state.logs, state.commands, state.pending, state.typing, state.unread])
    kept.clear();
  Object.assign(state, { guilds: [], reply: null, editing: "" });
  state.channels = new Map();
  emit("me");
  hangUp = listen(userId, apply, (online) => connected(userId, online));
}

function connected(userId, online) {
  state.online = online;
  emit("connection");
  if (online) catchUp(userId).catch(complain);
  else lookForEnd();
}

/** A demo that was started anew does not know us. */
async function lookForEnd() {
  try {
    await api.getWorld();
  } catch (error) {
    state.ended = error.status === 401;
    emit("connection");
  }
}

/** Fetch anew what may have changed while nobody listened. */
async function catchUp(userId) {
  const ready = await api.getReady();
  if (state.me !== userId) return;
  state.guilds = ready.guilds;
  state.channels = new Map();
  for (const each of ready.guilds) {
    for (const member of each.members) state.users.set(member.user.id, member.user);
    for (const room of [...each.channels, ...(each.threads ?? [])])
      state.channels.set(room.id, { guild_id: each.id, ...room });
  }
  for (const room of ready.private_channels) state.channels.set(room.id, room);
  const stale = [...state.logs.keys()].filter((id) => id !== state.channelId);
  for (const id of stale) state.logs.delete(id);
  state.commands.clear();
  state.channelId = "";
  followAddress();
}

/** The address of a room; it survives a reload. */
export const addressOf = (room) => `#/${room.guild_id ?? "@me"}/${room.id}`;

/** Open a room, and note it in the address. */
export function open(channelId) {
  const address = addressOf(state.channels.get(channelId));
  if (location.hash === address) followAddress();
  else location.hash = address;
}

function followAddress() {
  if (!state.channels.size) return;
  const [, guildId, channelId] = location.hash.split("/");
  const room =
    state.channels.get(channelId) ?? firstRoom(guildId) ?? firstRoom(state.guilds[0]?.id ?? "@me");
  if (!room) return;
  if (location.hash !== addressOf(room)) history.replaceState(null, "", addressOf(room));
  show(room);
}

/** The room one sees first in a server, or in the direct messages. */
export function firstRoom(guildId) {
  const rooms = [...state.channels.values()].filter((each) => (each.guild_id ?? "@me") === guildId);
  const texts = rooms.filter((each) =>
    [Channel.TEXT, Channel.ANNOUNCEMENT, Channel.DM].includes(each.type),
  );
  return texts.sort((one, other) => (one.position ?? 0) - (other.position ?? 0))[0];
}

function show(room) {
  const changed = state.channelId !== room.id;
  Object.assign(state, { guildId: room.guild_id ?? "@me", channelId: room.id });
  state.unread.delete(room.id);
  if (changed) Object.assign(state, { reply: null, editing: "" });
  emit("guilds");
  emit("channels");
  if (changed) emit("channel");
  if (!FORUMS.has(room.type)) loadLatest(room.id).catch(complain);
  loadCommands(room.id).catch(complain);
}

async function loadLatest(channelId) {
  const page = await api.getMessages(channelId);
  if (state.channels.has(channelId)) putHistory(channelId, page);
}

/** Fetch the fifty messages before the oldest one here. */
export async function loadOlder() {
  const kept = log();
  const { id } = channel() ?? {};
  if (!kept || kept.complete || kept.loading || !kept.messages.length) return;
  kept.loading = true;
  try {
    putHistory(id, await api.getMessages(id, kept.messages[0].id), { older: true });
  } catch (error) {
    kept.loading = false;
    throw error;
  }
}

/** The commands offered in a room; fetched once. */
export async function loadCommands(channelId = state.channelId) {
  if (!state.commands.has(channelId)) {
    state.commands.set(channelId, (await api.getCommands(channelId)) ?? []);
    emit("commands");
  }
  return state.commands.get(channelId);
}

/** Whether the engine has nothing left to load. */
export const isReady = (engine) => engine?.ready ?? (engine?.progress ?? 1) >= 1;

/** Ask again while the engine says that it is still loading. */
function watchEngine() {
  if (isReady(state.world.engine)) return;
  setTimeout(async () => {
    state.world = await api.getWorld().catch(() => state.world);
    emit("world");
    watchEngine();
  }, 1500);
}
