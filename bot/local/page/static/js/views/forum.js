/** A forum: its posts, and a form for a new one. */

import { fill, h } from "../dom.js";
import { field } from "../dialogs.js";
import { icon } from "../icons.js";
import { byAge, may, Right } from "../model/kinds.js";
import { nameOf } from "../model/names.js";
import { addressOf } from "../model/session.js";
import { on, state } from "../model/store.js";
import { postToForum } from "../model/writing.js";
import { trying } from "../toasts.js";
import { encode } from "../composer/mentions.js";
import { FileTray } from "../composer/uploads.js";

let shown;

on("channels", () => shown?.list.isConnected && drawPosts());

/** @param {any} forum */
export function createForum(forum) {
  const list = h("ul", { class: "posts", "aria-label": "Posts" });
  shown = { forum, list };
  drawPosts();
  return h(
    "section",
    { class: "forum", "aria-label": `Forum ${forum.name}` },
    may(forum, Right.SEND) && newPost(forum),
    h("h2", { class: "forum-title" }, "Posts"),
    list,
  );
}

function drawPosts() {
  const { forum, list } = shown;
  const posts = [...state.channels.values()]
    .filter((each) => each.parent_id === forum.id)
    .sort((one, other) => byAge(other.last_message_id ?? other.id, one.last_message_id ?? one.id));
  fill(list, posts.map(post), !posts.length && h("li", { class: "hint" }, "No posts yet."));
}

function post(thread) {
  const count = thread.message_count ?? 0;
  return h(
    "li",
    { dataset: { channelId: thread.id } },
    h(
      "a",
      { class: "post", href: addressOf(thread) },
      h("span", { class: "post-name" }, thread.name),
      h(
        "span",
        { class: "post-about" },
        `by ${nameOf(thread.owner_id)} · ${count} ${count === 1 ? "message" : "messages"}`,
      ),
      icon("right"),
    ),
  );
}

function newPost(forum) {
  const title = h("input", {
    class: "input",
    type: "text",
    required: true,
    maxlength: "100",
    autocomplete: "off",
  });
  const text = h("textarea", { class: "input", rows: "3", maxlength: "2000" });
  const tray = new FileTray();
  const submit = h("button", { type: "submit", class: "button button-primary" }, "Post");
  const send = trying(async () => {
    submit.disabled = true;
    try {
      await postToForum(forum, title.value.trim(), encode(text.value), tray.enclosures);
    } finally {
      submit.disabled = false;
    }
  });
  const form = h(
    "form",
    { class: "new-post", on: { submit: (event) => (event.preventDefault(), send()) } },
    field("Post title", title),
    field("First message", text),
    tray.element,
    h("div", { class: "new-post-foot" }, tray.button, submit),
  );
  return h(
    "details",
    { class: "new-post-frame" },
    h("summary", null, icon("plus"), "New post"),
    form,
  );
}
