/** Between what one reads (@Ada, #general) and what is sent (<@1>, <#2>). */

import { plainName, rolesOf, roomLabel } from "../model/names.js";
import { guild, state } from "../model/store.js";

const CODE = /(```[\s\S]*?```|`[^`\n]+`)/;
const TOKEN = /<@!?(\d+)>|<@&(\d+)>|<#(\d+)>/g;

/** Everybody and everything that can be named here: what one reads, and what is sent. */
export function nameable() {
  const people = users().map((user) => ({
    kind: "user",
    id: user.id,
    text: `@${plainName(user)}`,
    token: `<@${user.id}>`,
    user,
  }));
  const taken = new Set(people.map((each) => each.text));
  const roles = rolesOf(state.guildId).map((role) => {
    const text = `@${role.name}`;
    return {
      kind: "role",
      id: role.id,
      text: taken.has(text) ? `${text} (role)` : text,
      token: `<@&${role.id}>`,
    };
  });
  const rooms = [...state.channels.values()].filter(
    (each) => each.guild_id && each.guild_id === state.guildId && each.type !== 4,
  );
  return [
    ...people,
    ...roles,
    ...rooms.map((each) => ({
      kind: "channel",
      id: each.id,
      text: `#${each.name}`,
      token: `<#${each.id}>`,
      label: roomLabel(each),
    })),
  ];
}

function users() {
  const members = guild()?.members.map((each) => each.user);
  return members ?? [...new Set([state.world.bot, state.users.get(state.me)])].filter(Boolean);
}

/** Put what is sent in place of names; not within code. */
export function encode(text) {
  const byText = new Map(nameable().map((each) => [each.text, each.token]));
  if (!byText.size) return text;
  const longestFirst = [...byText.keys()].sort((one, other) => other.length - one.length);
  const pattern = new RegExp(
    `(?<![\\w<])(?:${longestFirst.map(escaped).join("|")})(?![\\p{L}\\p{N}_])`,
    "gu",
  );
  return text
    .split(CODE)
    .map((part, index) => (index % 2 ? part : part.replace(pattern, (found) => byText.get(found))))
    .join("");
}

const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** Put names in place of what is sent, to edit it. */
export function decode(text) {
  const byToken = new Map(nameable().map((each) => [each.token, each.text]));
  return text.replace(TOKEN, (token) => byToken.get(token.replace("<@!", "<@")) ?? token);
}
