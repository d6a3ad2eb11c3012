/** What one can do with a message: the toolbar on it, and its menu. */

import * as api from "../model/api.js";
import { dismiss } from "../model/changes.js";
import { useOnMessage } from "../model/interactions.js";
import { Flag, may, MessageType, Right, THREADS } from "../model/kinds.js";
import { state, channel } from "../model/store.js";
import { answer, edit, inspect, startThread } from "../model/writing.js";
import { ask, confirm } from "../dialogs.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { openMenu } from "../menus.js";
import { trying } from "../toasts.js";
import { openPalette } from "./reactions.js";
import { summary } from "./reply_line.js";

/** @param {any} item the list item of the message */
export function toolbar(item) {
  const { message } = item.shown;
  if (message.flags & Flag.LOADING) return null;
  const tool = (name, label, action) =>
    h(
      "button",
      {
        type: "button",
        class: "tool",
        tabindex: "-1",
        "aria-label": label,
        title: label,
        on: { click: ({ currentTarget }) => action(item.shown.message, currentTarget) },
      },
      icon(name),
    );
  return h(
    "div",
    { class: "toolbar", role: "toolbar", "aria-label": "Message actions" },
    mayReply(message) && tool("reply", "Reply", reply),
    mayStartThread(message) && tool("thread", "Start thread", trying(askForThread)),
    mayReact(message) &&
      tool("smile", "Add reaction", (shown, button) => openPalette(button, shown)),
    tool("more", "More", (shown, button) => openActions(shown, button)),
  );
}

/** Open the menu of a message at a button, or where the pointer is. */
export function openActions(message, anchor) {
  openMenu(anchor, actions(message), { label: "Message actions" });
}

function actions(message) {
  const own = message.author.id === state.me;
  const mayDelete = own || may(channel(), Right.MANAGE_MESSAGES);
  const ephemeral = message.flags & Flag.EPHEMERAL;
  return [
    mayReply(message) && { label: "Reply", icon: "reply", action: () => reply(message) },
    mayStartThread(message) && {
      label: "Start thread",
      icon: "thread",
      action: () => askForThread(message),
    },
    ...apps(message),
    own && message.content && { label: "Edit", icon: "edit", action: () => edit(message.id) },
    message.content && {
      label: "Copy text",
      icon: "copy",
      action: () => navigator.clipboard.writeText(message.content),
    },
    { label: "Inspect", icon: "wire", action: () => inspect(message) },
    ephemeral
      ? { label: "Dismiss message", icon: "close", action: () => dismiss(message) }
      : mayDelete && {
          label: "Delete",
          icon: "trash",
          danger: true,
          action: () => remove(message),
        },
  ].filter(Boolean);
}

/** The application's message commands. */
function apps(message) {
  if (message.flags & Flag.EPHEMERAL) return [];
  const commands = (state.commands.get(message.channel_id) ?? []).filter((each) => each.type === 3);
  return commands.map((command) => ({
    label: command.name,
    icon: "app",
    group: "Apps",
    action: () => useOnMessage(command, message),
  }));
}

function reply(message) {
  answer(message);
  document.querySelector("#composer textarea")?.focus();
}

async function askForThread(message) {
  const name = await ask({
    title: "Start thread",
    label: "Thread name",
    value: summary(message).slice(0, 60) || "New thread",
    most: 100,
    action: "Create thread",
  });
  if (name) await startThread(message, name);
}

async function remove(message) {
  const sure = await confirm({
    title: "Delete message",
    text: `Delete “${summary(message).slice(0, 80)}”? This cannot be undone.`,
    action: "Delete",
  });
  if (sure) await api.deleteMessage(message.channel_id, message.id);
}

const isTalk = (message) =>
  !(message.flags & Flag.EPHEMERAL) &&
  message.type !== MessageType.THREAD_CREATED &&
  message.type !== MessageType.THREAD_STARTER;
const mayReply = isTalk;
const mayReact = (message) => isTalk(message) && may(channel(), Right.ADD_REACTIONS);

function mayStartThread(message) {
  const room = channel();
  return (
    isTalk(message) &&
    room?.guild_id &&
    !THREADS.has(room.type) &&
    !state.channels.has(message.id) &&
    !message.thread &&
    may(room, Right.START_THREADS)
  );
}
