/** Lines of the log that are no messages. */

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { THREADS } from "../model/kinds.js";
import { channelName, dmPartner, nameOf, roomLabel } from "../model/names.js";
import { channel } from "../model/store.js";
import { dayName } from "../time.js";
import { avatar } from "./avatar.js";

export const createDay = ({ at }) =>
  h("li", { class: "day" }, h("span", null, dayName(new Date(at))));

/** The top of a conversation: nothing came before. */
export function createBeginning() {
  const room = channel();
  if (room.recipients) {
    const name = channelName(room);
    return h(
      "li",
      { class: "beginning" },
      avatar(dmPartner(room), "avatar-large"),
      h("p", { class: "beginning-name" }, name),
      h(
        "p",
        null,
        "This is the beginning of your direct messages with ",
        h("strong", null, name),
        ".",
      ),
    );
  }
  const isThread = THREADS.has(room.type);
  const words = isThread
    ? ["Started by ", h("strong", null, nameOf(room.owner_id)), "."]
    : ["This is the beginning of ", h("strong", null, roomLabel(room)), "."];
  return h(
    "li",
    { class: "beginning" },
    h("span", { class: "beginning-icon" }, icon(isThread ? "thread" : "hash")),
    h("p", { class: "beginning-name" }, isThread ? room.name : `Welcome to ${roomLabel(room)}`),
    h("p", null, words),
  );
}
