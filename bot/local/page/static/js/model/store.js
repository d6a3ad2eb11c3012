/** What the page knows, and who wants to hear of a change. Views read it; only `model/` writes it. */

export const state = {
  /** `GET /api/world` @type {any} */
  world: null,
  /** The id of whom one is. */
  me: "",
  /** Servers in their order @type {any[]} */
  guilds: [],
  /** Every channel and thread one may see, DMs too @type {Map<string, any>} */
  channels: new Map(),
  /** @type {Map<string, any>} */
  users: new Map(),
  /** Open server, or "@me" for direct messages. */
  guildId: "@me",
  channelId: "",
  /** Messages by channel, oldest first @type {Map<string, {messages: any[], complete: boolean, loading: boolean}>} */
  logs: new Map(),
  /** Commands offered, by channel @type {Map<string, any[]>} */
  commands: new Map(),
  /** Interactions of ours on their way @type {Map<string, {id: string, channelId: string, name?: string, customId?: string, messageId?: string, error?: string}>} */
  pending: new Map(),
  /** Until when somebody types: channel -> user -> milliseconds @type {Map<string, Map<string, number>>} */
  typing: new Map(),
  /** Channels with something new, and how many pings @type {Map<string, number>} */
  unread: new Map(),
  /** Ephemeral messages put away here @type {Set<string>} */
  dismissed: new Set(),
  /** @type {{message: any, ping: boolean}|null} */
  reply: null,
  /** The message being edited. */
  editing: "",
  online: false,
  /** Whether the server that let us in is gone: another one wants another token. */
  ended: false,
  /** @type {{open: boolean, follow: boolean, messageId: string, data: any, error: string}} */
  wire: { open: false, follow: true, messageId: "", data: null, error: "" },
};

const listeners = new Map();

/** Call `listener` whenever one of these topics changes. */
export function on(topics, listener) {
  for (const topic of topics.split(" "))
    listeners.set(topic, [...(listeners.get(topic) ?? []), listener]);
}

/** Tell that a topic has changed. */
export function emit(topic, detail) {
  for (const listener of listeners.get(topic) ?? []) listener(detail);
}

export const channel = () => state.channels.get(state.channelId);
export const guild = () => state.guilds.find((each) => each.id === state.guildId);
export const log = (channelId = state.channelId) => state.logs.get(channelId);
export const findMessage = (id, channelId = state.channelId) =>
  log(channelId)?.messages.find((each) => each.id === id);
