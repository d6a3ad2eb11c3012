/** Above the conversation: the room's name, and the ways to the rooms and to the wire panel. */

import { byId, fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { FORUMS, may, Right, THREADS } from "../model/kinds.js";
import { changeThread } from "../model/api.js";
import { channelName, dmPartner } from "../model/names.js";
import { open } from "../model/session.js";
import { channel, emit, on, state } from "../model/store.js";
import { ask } from "../dialogs.js";
import { openMenu } from "../menus.js";
import { avatar } from "./avatar.js";
import { toggleRooms } from "./drawers.js";

on("channel channels wire", draw);

function draw() {
  const room = channel();
  if (!room) return;
  document.title = `${channelName(room)} · voicebot demo`;
  const focused = document.activeElement?.closest?.("#topbar button")?.getAttribute("aria-label");
  fill(
    byId("topbar"),
    roomsButton(),
    parentLink(room),
    picture(room),
    h("h1", { class: "topbar-name" }, channelName(room)),
    state_(room),
    h("span", { class: "spacer" }),
    threadMenu(room),
    wireButton(),
  );
  if (focused)
    byId("topbar")
      .querySelector(`[aria-label="${CSS.escape(focused)}"]`)
      ?.focus();
}

const roomsButton = () =>
  h(
    "button",
    {
      type: "button",
      class: "icon-button only-narrow",
      "aria-label": "Show channels",
      on: { click: () => toggleRooms() },
    },
    icon("menu"),
  );

function picture(room) {
  if (room.recipients) return avatar(dmPartner(room), "avatar-small");
  return icon(THREADS.has(room.type) ? "thread" : FORUMS.has(room.type) ? "forum" : "hash");
}

/** From a thread back to where it hangs. */
function parentLink(room) {
  const parent = THREADS.has(room.type) && state.channels.get(room.parent_id);
  return (
    parent &&
    h(
      "button",
      { type: "button", class: "topbar-parent", on: { click: () => open(parent.id) } },
      icon(FORUMS.has(parent.type) ? "forum" : "hash"),
      h("span", { class: "topbar-parent-name" }, channelName(parent)),
      icon("right"),
    )
  );
}

function state_({ thread_metadata: thread }) {
  const words = [thread?.locked && "locked", thread?.archived && "archived"]
    .filter(Boolean)
    .join(", ");
  return words && h("span", { class: "tag tag-quiet" }, words);
}

function threadMenu(room) {
  if (!THREADS.has(room.type) || !(room.owner_id === state.me || may(room, Right.MANAGE_THREADS)))
    return null;
  const { archived, locked } = room.thread_metadata ?? {};
  const items = [
    { label: "Rename", icon: "edit", action: () => rename(room) },
    {
      label: archived ? "Unarchive" : "Archive",
      icon: "thread",
      action: () => changeThread(room.id, { archived: !archived }),
    },
    may(room, Right.MANAGE_THREADS) && {
      label: locked ? "Unlock" : "Lock",
      icon: "lock",
      action: () => changeThread(room.id, { locked: !locked }),
    },
  ].filter(Boolean);
  return h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": "Thread settings",
      on: {
        click: ({ currentTarget }) => openMenu(currentTarget, items, { label: "Thread settings" }),
      },
    },
    icon("more"),
  );
}

async function rename(room) {
  const name = await ask({
    title: "Rename thread",
    label: "Thread name",
    value: room.name,
    most: 100,
    action: "Save",
  });
  if (name && name !== room.name) await changeThread(room.id, { name });
}

function wireButton() {
  const toggle = () => {
    state.wire.open = !state.wire.open;
    emit("wire");
    emit("messages", state.channelId);
  };
  return h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": "Wire panel",
      title: "What goes over the wire",
      "aria-pressed": String(state.wire.open),
      on: { click: toggle },
    },
    icon("wire"),
  );
}
