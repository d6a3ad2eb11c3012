/** The line above a reply: whom and what it answers. */

import { h, hidden } from "../dom.js";
import { icon } from "../icons.js";
import { Flag, MessageType } from "../model/kinds.js";
import { displayName } from "../model/names.js";
import { appTag, avatar } from "./avatar.js";
import { jumpTo } from "./jump.js";
import { plainText } from "./rich_text.js";

export function replyLine(message) {
  if (message.type !== MessageType.REPLY) return null;
  const answered = message.referenced_message;
  if (!answered)
    return h(
      "div",
      { class: "reply-line" },
      h("span", { class: "reply-gone" }, icon("reply"), "Original message was deleted"),
    );
  const { author } = answered;
  const jump = h(
    "button",
    { type: "button", class: "reply-jump", on: { click: () => jumpTo(answered.id) } },
    hidden("Replying to "),
    avatar(author, "avatar-small"),
    appTag(author),
    h("span", { class: "reply-author" }, displayName(author)),
    hidden(": "),
    h("span", { class: "reply-text" }, summary(answered)),
  );
  return h("div", { class: "reply-line" }, jump);
}

/** A message on one line. */
export function summary(message) {
  if (message.flags & Flag.VOICE) return "Voice message";
  if (message.content) return plainText(message.content).slice(0, 160);
  const [file] = message.attachments ?? [];
  return file ? file.filename : "Message without words";
}
