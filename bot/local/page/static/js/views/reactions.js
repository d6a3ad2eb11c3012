/** Reactions under a message, and the small palette to add one. */

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { may, Right } from "../model/kinds.js";
import { channel } from "../model/store.js";
import { toggleReaction } from "../model/writing.js";
import { openMenu } from "../menus.js";
import { trying } from "../toasts.js";

const PALETTE = [
  ["👍", "thumbs up"],
  ["❤️", "heart"],
  ["😂", "laughing"],
  ["🎉", "party"],
  ["😮", "surprised"],
  ["🤔", "thinking"],
  ["👀", "eyes"],
  ["🙏", "thanks"],
  ["✅", "done"],
  ["❌", "no"],
  ["🔥", "fire"],
  ["👋", "wave"],
];

export function reactions(message) {
  if (!message.reactions?.length) return null;
  const add = h(
    "button",
    {
      type: "button",
      class: "reaction reaction-add",
      "aria-label": "Add another reaction",
      on: { click: () => openPalette(add, message) },
    },
    icon("smile"),
  );
  return h(
    "div",
    { class: "reactions" },
    message.reactions.map((each) => chip(message, each)),
    may(channel(), Right.ADD_REACTIONS) && add,
  );
}

function chip(message, { emoji, count, me }) {
  const label = `${emoji.name}, ${count} ${count === 1 ? "reaction" : "reactions"}`;
  const toggle = trying(() => toggleReaction(message, emoji.name));
  return h(
    "button",
    {
      type: "button",
      class: "reaction",
      "aria-pressed": String(Boolean(me)),
      "aria-label": label,
      on: { click: toggle },
    },
    h("span", { "aria-hidden": "true" }, emoji.name),
    h("span", { class: "reaction-count", "aria-hidden": "true" }, count),
  );
}

/** Offer a handful of emoji. */
export function openPalette(anchor, message) {
  const items = PALETTE.map(([emoji, name]) => ({
    label: emoji,
    name: `${emoji} ${name}`,
    action: () => toggleReaction(message, emoji),
  }));
  openMenu(anchor, items, { label: "Reactions", kind: "palette" });
}
