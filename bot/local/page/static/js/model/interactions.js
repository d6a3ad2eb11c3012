/** Commands, pressed buttons and sent modals on their way to the application. */

import * as api from "./api.js";
import { Interaction } from "./kinds.js";
import { emit, state } from "./store.js";

/** What became of interactions before we knew their ids: the event may overtake the answer. */
const settled = new Map();

/**
 * Send an interaction and keep it as pending until it succeeds or fails.
 * @param {any} interaction the body
 * @param {{name?: string, messageId?: string, customId?: string}} about
 */
export async function interact(interaction, about = {}) {
  const { id } = await api.postInteraction(interaction);
  if (settled.has(id) && !settled.get(id)) return id;
  state.pending.set(id, {
    id,
    channelId: interaction.channel_id,
    ...about,
    error: settled.get(id),
  });
  changed(state.pending.get(id));
  return id;
}

/** Note that an interaction succeeded, or why it did not. */
export function settle(id, error = "") {
  const pending = state.pending.get(id);
  settled.set(id, error);
  if (!pending) return;
  if (error) pending.error = error;
  else state.pending.delete(id);
  changed(pending);
}

/** Put a failure away. */
export function forget(id) {
  const pending = state.pending.get(id);
  state.pending.delete(id);
  if (pending) changed(pending);
}

function changed(pending) {
  emit("pending", pending);
  emit("messages", pending.channelId);
}

export function pressComponent(message, component, values) {
  const data = {
    custom_id: component.custom_id,
    component_type: component.type,
    ...(values && { values }),
  };
  const body = {
    type: Interaction.COMPONENT,
    channel_id: message.channel_id,
    message_id: message.id,
    data,
  };
  for (const each of state.pending.values())
    if (each.error && each.messageId === message.id) forget(each.id);
  return interact(body, { messageId: message.id, customId: component.custom_id });
}

export function useOnMessage(command, message) {
  const data = { id: command.id, name: command.name, type: 3, target_id: message.id };
  return interact(
    { type: Interaction.COMMAND, channel_id: message.channel_id, data },
    { name: command.name },
  );
}

export function useCommand(channelId, flat, options) {
  return interact(
    { type: Interaction.COMMAND, channel_id: channelId, data: commandData(flat, options) },
    { name: `/${flat.path}` },
  );
}

/** Ask what fits the option being typed. */
export async function suggest(channelId, flat, options, signal) {
  const body = {
    type: Interaction.AUTOCOMPLETE,
    channel_id: channelId,
    data: commandData(flat, options),
  };
  return (await api.postInteraction(body, signal)).choices ?? [];
}

function commandData(flat, options) {
  const wrapped = [...flat.wrap]
    .reverse()
    .reduce((inner, wrap) => [{ ...wrap, options: inner }], options);
  return { id: flat.command.id, name: flat.command.name, type: 1, options: wrapped };
}

export function submitModal(modal, components) {
  const data = { custom_id: modal.custom_id, components };
  return interact(
    { type: Interaction.MODAL, channel_id: state.channelId, opened_by: modal.id, data },
    { name: modal.title },
  );
}
