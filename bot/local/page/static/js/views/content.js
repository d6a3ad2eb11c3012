/** The words of a message: read, edited in place, or still to come. */

import { h } from "../dom.js";
import { isOnlyEmoji } from "../markdown/render.js";
import { Flag, MessageType } from "../model/kinds.js";
import { displayName } from "../model/names.js";
import { state } from "../model/store.js";
import { edit, saveEdit } from "../model/writing.js";
import { written } from "../time.js";
import { trying } from "../toasts.js";
import { attachmentList } from "./attachments.js";
import { encode, decode } from "../composer/mentions.js";
import { richText } from "./rich_text.js";

export function content(message) {
  if (message.flags & Flag.LOADING) return thinking(message);
  if (state.editing === message.id) return editor(message);
  if (message.message_snapshots?.length) return message.message_snapshots.map(snapshot);
  const shown =
    message.type === MessageType.THREAD_STARTER
      ? message.referenced_message?.content
      : message.content;
  if (!shown)
    return (
      message.type === MessageType.THREAD_STARTER &&
      h("p", { class: "message-gone" }, "The message that began this thread was deleted.")
    );
  return text(shown, message.edited_timestamp);
}

function text(shown, editedAt) {
  const mark =
    editedAt &&
    h("span", { class: "edited", title: written(new Date(editedAt), "F") }, " (edited)");
  return h(
    "div",
    { class: `markup ${isOnlyEmoji(shown) ? "is-only-emoji" : ""}` },
    richText(shown),
    mark,
  );
}

const thinking = (message) =>
  h(
    "p",
    { class: "thinking" },
    h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
    `${displayName(message.author)} is thinking…`,
  );

function snapshot({ message }) {
  return h(
    "blockquote",
    { class: "forwarded" },
    h("span", { class: "forwarded-label" }, "Forwarded"),
    message.content && text(message.content),
    attachmentList(message),
  );
}

function editor(message) {
  const area = h("textarea", {
    class: "edit-area",
    "aria-label": "Edit message",
    rows: "1",
    value: decode(message.content),
  });
  const grow = () => {
    area.style.setProperty("height", "auto");
    area.style.setProperty("height", `${area.scrollHeight + 2}px`);
  };
  const end = () => {
    edit("");
    document.querySelector("#composer textarea")?.focus();
  };
  const save = trying(async () => {
    if (!area.value.trim()) return;
    if (encode(area.value) !== message.content) await saveEdit(message, encode(area.value));
    end();
  });
  area.addEventListener("input", grow);
  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") end();
    else if (event.key === "Enter" && !event.shiftKey) save();
    else return event.stopPropagation();
    event.preventDefault();
    event.stopPropagation();
  });
  queueMicrotask(
    () => (area.focus(), area.setSelectionRange(area.value.length, area.value.length), grow()),
  );
  const button = (label, action) =>
    h("button", { type: "button", class: "link-button", on: { click: action } }, label);
  return h(
    "div",
    { class: "editor" },
    area,
    h(
      "p",
      { class: "hint" },
      "escape to ",
      button("cancel", end),
      " · enter to ",
      button("save", save),
    ),
  );
}
