/** The rail of servers, direct messages on top. */

import { byId, h, hidden, reconcile } from "../dom.js";
import { icon } from "../icons.js";
import { hueOf, initials } from "../model/names.js";
import { firstRoom, open } from "../model/session.js";
import { on, state } from "../model/store.js";

on("guilds channels me", draw);

function draw() {
  const entries = [{ id: "@me", name: "Direct messages" }, ...state.guilds];
  reconcile(byId("servers"), entries, (each) => each.id, create, update);
}

function create({ id, name }) {
  const picture = id === "@me" ? icon("message") : initials(name);
  const go = () => {
    const room = firstRoom(id);
    if (room && state.guildId !== id) open(room.id);
  };
  const button = h(
    "button",
    {
      type: "button",
      class: "rail-button",
      title: name,
      "data-hue": id === "@me" ? null : hueOf(id),
      on: { click: go },
    },
    h("span", { "aria-hidden": "true" }, picture),
    hidden(name),
  );
  return h(
    "li",
    { class: "rail-item", dataset: { guildId: id } },
    h("span", { class: "rail-pip", "aria-hidden": "true" }),
    button,
    h("span", { class: "rail-badge" }),
  );
}

function update(item, { id }) {
  const rooms = [...state.unread].filter(
    ([channelId]) => (state.channels.get(channelId)?.guild_id ?? "@me") === id,
  );
  const pings = rooms.reduce((sum, [, count]) => sum + count, 0);
  const button = item.querySelector("button");
  if (state.guildId === id) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
  item.classList.toggle("is-unread", rooms.length > 0);
  item.querySelector(".rail-badge").textContent = pings ? String(pings) : "";
}
