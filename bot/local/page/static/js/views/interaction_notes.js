/** What stands around answers to interactions. */

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { dismiss } from "../model/changes.js";
import { forget } from "../model/interactions.js";
import { Flag, Interaction } from "../model/kinds.js";
import { displayName } from "../model/names.js";
import { state } from "../model/store.js";
import { avatar } from "./avatar.js";

/** "Ada used /voice show" above an answer to a command. */
export function usedCommand({ interaction_metadata: used }) {
  if (!used?.name || ![undefined, Interaction.COMMAND].includes(used.type)) return null;
  const slash = used.name.startsWith("/") || used.type === 3 ? used.name : `/${used.name}`;
  const user = used.user ?? { id: "" };
  return h(
    "div",
    { class: "reply-line used-line" },
    avatar(user, "avatar-small"),
    h("span", { class: "reply-author" }, displayName(user)),
    " used ",
    h("span", { class: "used-command" }, slash),
  );
}

export function ephemeralNote(message) {
  if (!(message.flags & Flag.EPHEMERAL)) return null;
  const away = h(
    "button",
    { type: "button", class: "link-button", on: { click: () => dismiss(message) } },
    "Dismiss message",
  );
  return h("p", { class: "ephemeral-note" }, icon("eye"), "Only you can see this · ", away);
}

/** Why a button or menu of this message did nothing. */
export function failureNote(message) {
  const failed = [...state.pending.values()].find(
    (each) => each.messageId === message.id && each.error,
  );
  return failed && h("p", { class: "failure-note", role: "alert" }, icon("alert"), failed.error);
}

/** A command that waits for its answer, or got none. */
export function createPending({ pending }) {
  return h(
    "li",
    { class: "message pending" },
    h("div", { class: "message-side" }, avatar(state.world.bot)),
    h("div", { class: "message-body" }),
    h("span", { hidden: true }, pending.id),
  );
}

export function updatePending(item, { pending }) {
  const text = pending.error || `Sending ${pending.name}…`;
  if (item.dataset.text === text) return;
  item.dataset.text = text;
  const away =
    pending.error &&
    h(
      "button",
      { type: "button", class: "link-button", on: { click: () => forget(pending.id) } },
      "Dismiss",
    );
  const used = h(
    "p",
    { class: "used-line" },
    "You used ",
    h("span", { class: "used-command" }, pending.name),
  );
  const line = h(
    "p",
    { class: pending.error ? "failure-note" : "thinking" },
    pending.error && icon("alert"),
    text,
    away && [" · ", away],
  );
  item.querySelector(".message-body").replaceChildren(used, line);
}
