/** What a menu offers: its own options, or people, roles and rooms of the open server. */

import { byAge, THREADS } from "../model/kinds.js";
import { displayName, plainName, rolesOf, roomLabel } from "../model/names.js";
import { channel, guild, state } from "../model/store.js";

const STRINGS = 3,
  USERS = 5,
  ROLES = 6,
  MENTIONABLES = 7,
  ROOMS = 8;

/** @returns {{value: string, label: string, description?: string, chosen?: boolean}[]} */
export function choicesOf(part) {
  const defaults = new Set((part.default_values ?? []).map((each) => each.id));
  return OFFERS[part.type](part).map((each) => ({
    ...each,
    chosen: each.chosen || defaults.has(each.value),
  }));
}

const OFFERS = {
  [STRINGS]: ({ options = [] }) =>
    options.map((each) => ({
      value: each.value,
      label: [each.emoji?.name, each.label].filter(Boolean).join(" "),
      description: each.description,
      chosen: each.default,
    })),
  [USERS]: () => people(),
  [ROLES]: () => roles(),
  [MENTIONABLES]: () => [...people(), ...roles()],
  [ROOMS]: ({ channel_types: types }) => rooms(types),
};

/** Everybody here. */
export function people() {
  const users = guild()?.members.map((each) => each.user) ?? [
    ...(channel()?.recipients ?? []),
    state.users.get(state.me),
    state.world.bot,
  ];
  const once = new Map(users.filter(Boolean).map((user) => [user.id, user]));
  return [...once.values()].map((user) => ({
    value: user.id,
    label: displayName(user),
    description: plainName(user) === user.username ? "" : user.username,
    user,
  }));
}

export const roles = () =>
  rolesOf(state.guildId).map((role) => ({
    value: role.id,
    label: `@${role.name}`,
    description: "role",
  }));

/** Rooms of the open server, of these types. */
export function rooms(types) {
  const here = [...state.channels.values()].filter(
    (each) =>
      each.guild_id &&
      each.guild_id === state.guildId &&
      (!types?.length || types.includes(each.type)),
  );
  const rank = (room) => (THREADS.has(room.type) ? 1000 : (room.position ?? 0));
  here.sort((one, other) => rank(one) - rank(other) || byAge(one.id, other.id));
  return here.map((room) => ({
    value: room.id,
    label: room.type === 4 ? room.name : roomLabel(room),
    description: room.type === 4 ? "category" : THREADS.has(room.type) ? "thread" : "",
  }));
}
