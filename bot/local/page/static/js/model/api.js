/** The member API: what a person's client sends. Errors are Discord's own. */

import { state } from "./store.js";

/** A refusal, with Discord's code and sentence. */
export class Refusal extends Error {
  constructor(status, body) {
    super(sentence(status, body));
    this.status = status;
    this.code = body?.code;
  }
}

function sentence(status, body) {
  const field = firstField(body?.errors);
  return field || body?.message || `The server answered ${status}.`;
}

function firstField(tree, path = "") {
  for (const [name, value] of Object.entries(tree ?? {})) {
    if (name === "_errors") return `${path ? `${path}: ` : ""}${value[0].message}`;
    const found = firstField(value, path ? `${path}.${name}` : name);
    if (found) return found;
  }
  return "";
}

async function call(method, path, body, signal) {
  const sent =
    body === undefined || body instanceof FormData
      ? { body }
      : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const response = await fetch(path, { method, signal, ...sent });
  const answer = await response.text();
  const read = parse(answer);
  if (!response.ok) throw new Refusal(response.status, read);
  return read;
}

function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

const mine = (path) => `/api/as/${state.me}${path}`;

/** A body with files, as Discord's clients send it. */
function withFiles(payload, files) {
  if (!files.length) return payload;
  const form = new FormData();
  form.append("payload_json", JSON.stringify(payload));
  files.forEach((file, index) => form.append(`files[${index}]`, file, file.name));
  return form;
}

export const getWorld = () => call("GET", "/api/world");
export const getReady = () => call("GET", mine("/ready"));

export function getMessages(channelId, before) {
  const query = new URLSearchParams({ limit: "50", ...(before && { before }) });
  return call("GET", mine(`/channels/${channelId}/messages?${query}`));
}

export const postMessage = (channelId, payload, files = []) =>
  call("POST", mine(`/channels/${channelId}/messages`), withFiles(payload, files));
export const editMessage = (channelId, id, content) =>
  call("PATCH", mine(`/channels/${channelId}/messages/${id}`), { content });
export const deleteMessage = (channelId, id) =>
  call("DELETE", mine(`/channels/${channelId}/messages/${id}`));
export const postTyping = (channelId) => call("POST", mine(`/channels/${channelId}/typing`));

export function setReaction(channelId, id, emoji, given) {
  return call(
    given ? "PUT" : "DELETE",
    mine(`/channels/${channelId}/messages/${id}/reactions/${encodeURIComponent(emoji)}`),
  );
}

export const startThread = (channelId, id, name) =>
  call("POST", mine(`/channels/${channelId}/messages/${id}/threads`), { name });
export const postToForum = (forumId, payload, files = []) =>
  call("POST", mine(`/channels/${forumId}/threads`), withFiles(payload, files));
export const changeThread = (threadId, change) =>
  call("PATCH", mine(`/channels/${threadId}`), change);
export const getCommands = (channelId) => call("GET", mine(`/channels/${channelId}/commands`));
export const postInteraction = (interaction, signal) =>
  call("POST", mine("/interactions"), interaction, signal);
export const getWire = (channelId, id) =>
  call("GET", mine(`/channels/${channelId}/messages/${id}/wire`));
