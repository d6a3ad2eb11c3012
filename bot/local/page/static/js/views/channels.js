/** The rooms of the open server: categories, channels, threads under their channel; or the DMs. */

import { byId, fill, h, hidden, reconcile, refresh } from "../dom.js";
import { icon } from "../icons.js";
import { byAge, Channel, FORUMS, may, Right, THREADS } from "../model/kinds.js";
import { channelName, dmPartner } from "../model/names.js";
import { addressOf } from "../model/session.js";
import { guild, on, state } from "../model/store.js";
import { closeDrawers } from "./drawers.js";
import { avatar } from "./avatar.js";

const VOICE = new Set([Channel.VOICE, Channel.STAGE]);

on("channels channel guilds me", draw);

function draw() {
  fill(byId("server-name"), state.guildId === "@me" ? "Direct messages" : (guild()?.name ?? ""));
  reconcile(
    byId("channels"),
    rows(),
    (each) => `${each.id}${each.recipients ? "" : each.parent_id}`,
    create,
    update,
  );
}

/** Rooms in the order of the list. */
function rows() {
  const here = [...state.channels.values()].filter(
    (each) => (each.guild_id ?? "@me") === state.guildId,
  );
  const under = (parentId) =>
    here
      .filter((each) => (each.parent_id ?? null) === parentId && !THREADS.has(each.type))
      .sort(inOrder);
  const withThreads = (room) => [room, ...threadsOf(here, room)];
  const loose = under(null).filter((each) => each.type !== Channel.CATEGORY);
  const categories = under(null).filter((each) => each.type === Channel.CATEGORY);
  return [
    ...loose.flatMap(withThreads),
    ...categories.flatMap((each) => [each, ...under(each.id).flatMap(withThreads)]),
  ];
}

const inOrder = (one, other) =>
  Number(VOICE.has(one.type)) - Number(VOICE.has(other.type)) ||
  (one.position ?? 0) - (other.position ?? 0) ||
  byAge(one.id, other.id);

function threadsOf(here, room) {
  const threads = here.filter(
    (each) =>
      THREADS.has(each.type) &&
      each.parent_id === room.id &&
      (!each.thread_metadata?.archived || each.id === state.channelId),
  );
  return threads.sort((one, other) => byAge(other.id, one.id)).slice(0, 20);
}

function create(room) {
  if (room.type === Channel.CATEGORY)
    return h("li", { class: "category", dataset: { channelId: room.id } }, h("h3", null));
  const link = h(
    "a",
    { class: "channel", href: addressOf(room), on: { click: closeDrawers } },
    picture(room),
    h("span", { class: "channel-name" }),
    h("span", { class: "channel-badge" }),
  );
  return h(
    "li",
    {
      class: THREADS.has(room.type) ? "channel-item is-thread" : "channel-item",
      dataset: { channelId: room.id },
    },
    link,
  );
}

function picture(room) {
  if (room.recipients) return avatar(dmPartner(room), "avatar-small");
  if (FORUMS.has(room.type)) return icon("forum");
  if (THREADS.has(room.type)) return icon("thread");
  return icon(may(room, Right.SEND) ? "hash" : "lock");
}

function update(item, room) {
  if (room.type === Channel.CATEGORY)
    return item.firstChild.textContent === room.name || fill(item.firstChild, room.name);
  const link = item.firstChild;
  const [name, badge] = [link.children[1], link.children[2]];
  if (name.textContent !== channelName(room)) fill(name, channelName(room));
  if (room.id === state.channelId) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
  const pings = state.unread.get(room.id);
  const unread = pings !== undefined;
  link.classList.toggle("is-unread", unread);
  badge.classList.toggle("is-count", pings > 0);
  refresh(
    badge,
    [unread, pings],
    () => unread && (pings ? [pings, hidden(" mentions")] : hidden("unread")),
  );
}
