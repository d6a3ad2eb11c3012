/** The numbers Discord gives to kinds of things. */

export const Channel = {
  TEXT: 0,
  DM: 1,
  VOICE: 2,
  CATEGORY: 4,
  ANNOUNCEMENT: 5,
  STAGE: 13,
  FORUM: 15,
  MEDIA: 16,
};
export const THREADS = new Set([10, 11, 12]);
export const FORUMS = new Set([Channel.FORUM, Channel.MEDIA]);

export const MessageType = {
  DEFAULT: 0,
  THREAD_CREATED: 18,
  REPLY: 19,
  COMMAND: 20,
  THREAD_STARTER: 21,
  MENU: 23,
};
export const Flag = {
  EPHEMERAL: 64,
  LOADING: 128,
  VOICE: 8192,
  SNAPSHOT: 16384,
  COMPONENTS_V2: 32768,
};

export const Interaction = { COMMAND: 2, COMPONENT: 3, AUTOCOMPLETE: 4, MODAL: 5 };
export const Option = {
  SUBCOMMAND: 1,
  GROUP: 2,
  STRING: 3,
  INTEGER: 4,
  BOOLEAN: 5,
  USER: 6,
  CHANNEL: 7,
  ROLE: 8,
  MENTIONABLE: 9,
  NUMBER: 10,
  ATTACHMENT: 11,
};

export const Right = {
  ADMINISTRATOR: 3n,
  ADD_REACTIONS: 6n,
  SEND: 11n,
  MANAGE_MESSAGES: 13n,
  ATTACH: 15n,
  COMMANDS: 31n,
  MANAGE_THREADS: 34n,
  START_THREADS: 35n,
  SEND_IN_THREADS: 38n,
  SEND_VOICE: 46n,
};

/** Whether one may do this in a channel; where nothing is said of rights (DMs), one may. */
export function may(channel, right) {
  if (!channel?.permissions) return true;
  const bits = BigInt(channel.permissions);
  return Boolean(((bits >> Right.ADMINISTRATOR) | (bits >> right)) & 1n);
}

/** Whether one may write there. */
export function mayWrite(channel) {
  const locked = channel?.thread_metadata?.locked && !may(channel, Right.MANAGE_THREADS);
  return !locked && may(channel, THREADS.has(channel?.type) ? Right.SEND_IN_THREADS : Right.SEND);
}

/** Order of Discord's ids, which are longer than numbers are exact. */
export const byAge = (one, other) =>
  one.length - other.length || (one < other ? -1 : Number(one > other));
