/** Markdown with the names of this world. */

import { render } from "../markdown/render.js";
import { nameOf, roleName, roomLabel } from "../model/names.js";
import { addressOf } from "../model/session.js";
import { state } from "../model/store.js";

const names = {
  get me() {
    return state.me;
  },
  user: nameOf,
  role: roleName,
  channel(id) {
    const room = state.channels.get(id);
    return (
      room && { name: room.type === 4 ? room.name : roomLabel(room), address: addressOf(room) }
    );
  },
};

/** @param {string} text */
export const richText = (text) => render(text, names);

const BLOCKS = "br, div, li, h4, blockquote, pre";
const COVER = "▮▮▮▮";

/** The text on one line, without its marks and with its spoilers covered, for previews. */
export function plainText(text) {
  const holder = document.createElement("div");
  holder.append(...richText(text));
  for (const each of holder.querySelectorAll(".md-spoiler-text")) each.textContent = COVER;
  for (const each of holder.querySelectorAll(BLOCKS)) {
    each.before(" ");
    each.after(" ");
  }
  return holder.textContent.replace(/\s+/g, " ").trim();
}
