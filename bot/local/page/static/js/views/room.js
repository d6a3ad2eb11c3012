/** The open room: its conversation, or the posts of a forum. */

import { byId, fill } from "../dom.js";
import { FORUMS } from "../model/kinds.js";
import { channel, on } from "../model/store.js";
import { Composer } from "../composer/composer.js";
import { createForum } from "./forum.js";
import { Log } from "./log.js";

const room = byId("room");
const composer = new Composer();
let shown;

on("channel", () => {
  if (FORUMS.has(channel().type)) fill(room, createForum(channel()));
  else {
    shown = new Log();
    fill(room, shown.element, composer.element);
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
