/** The open room: its conversation, or the posts of a forum. */

import { byId, fill } from "../dom.js";
import { FORUMS } from "../model/kinds.js";
import { channel, on } from "../model/store.js";
import { composer } from "../composer/composer.js";
import { createForum } from "./forum.js";
import { createLog } from "./log.js";

const room = byId("room");
const writing = composer();
let shown;

on("channel", () => {
  if (FORUMS.has(channel().type)) fill(room, createForum(channel()));
  else {
    shown = createLog();
    fill(room, shown.element, writing);
  }
});
on("me", () => fill(room));
on("messages pending guilds", (detail) => queue(detail));

let queued = false;

/** Draw once for all that changed in this turn. */
function queue() {
  if (queued) return;
  queued = true;
  queueMicrotask(() => {
    queued = false;
    if (shown?.element.isConnected) shown.draw();
  });
}
