/** What people, rooms and commands are called. */

import { Option, THREADS } from "./kinds.js";
import { state } from "./store.js";

const HUES = 8;

export const plainName = (user) => user?.global_name || user?.username || "somebody";

/** The name of a user in the open server. */
export function displayName(user, guildId = state.guildId) {
  const guild = state.guilds.find((each) => each.id === guildId);
  const nick = guild?.members.find((each) => each.user.id === user?.id)?.nick;
  return nick || plainName(state.users.get(user?.id) ?? user);
}

export const nameOf = (userId) => displayName(state.users.get(userId) ?? { id: userId });

/** One or two letters for a round picture. */
export function initials(name) {
  const words = name.split(/[\s_-]+/).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words[1][0] : name.slice(0, 2);
  return letters.charAt(0).toUpperCase() + letters.slice(1).toLowerCase();
}

/** The colour that goes with an id, always the same one. */
export function hueOf(id) {
  let sum = 0;
  for (const digit of String(id)) sum = (sum * 31 + digit.charCodeAt(0)) % 9973;
  return sum % HUES;
}

export function channelName(channel) {
  if (!channel) return "";
  if (channel.recipients) return plainName(dmPartner(channel));
  return channel.name;
}

/** Who is at the other end of a DM. */
export function dmPartner(channel) {
  return channel.recipients.find((each) => each.id !== state.me) ?? state.world.bot;
}

/** `#general`, `@voicebot`, or the name of a thread. */
export function roomLabel(channel) {
  if (channel?.recipients) return `@${channelName(channel)}`;
  return THREADS.has(channel?.type) ? channelName(channel) : `#${channelName(channel)}`;
}

export const rolesOf = (guildId) =>
  (state.guilds.find((each) => each.id === guildId)?.roles ?? []).filter(
    (role) => role.id !== guildId,
  );

export const roleName = (id) =>
  state.guilds.flatMap((each) => each.roles).find((role) => role.id === id)?.name;

/** Every command as one types it: `voice set`, with the option list it ends in. */
export function flatCommands(commands) {
  return commands
    .filter((each) => (each.type ?? 1) === 1)
    .flatMap((command) => paths(command, [command.name], [], command));
}

function paths(command, path, wrap, level) {
  const subs = (level.options ?? []).filter(
    (each) => each.type === Option.SUBCOMMAND || each.type === Option.GROUP,
  );
  if (!subs.length)
    return [
      {
        command,
        path: path.join(" "),
        wrap,
        description: level.description,
        options: level.options ?? [],
      },
    ];
  return subs.flatMap((sub) =>
    paths(command, [...path, sub.name], [...wrap, { type: sub.type, name: sub.name }], sub),
  );
}
