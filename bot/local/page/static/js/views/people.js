/** Who one is, and in what light. */

import { byId, fill, h, refresh } from "../dom.js";
import { icon } from "../icons.js";
import { plainName } from "../model/names.js";
import { become } from "../model/session.js";
import { on, state } from "../model/store.js";
import { theme, toggleTheme } from "../theme.js";
import { avatar } from "./avatar.js";

on("world me guilds", draw);

const select = h("select", {
  id: "who",
  "aria-label": "Who am I",
  on: { change: ({ target }) => become(target.value) },
});
const picture = h("div", { class: "you-picture" });
const light = h(
  "button",
  {
    type: "button",
    class: "icon-button",
    "aria-label": "Toggle theme",
    title: "Toggle theme",
    on: { click: () => fill(light, lightIcon(toggleTheme())) },
  },
  lightIcon(theme()),
);

function lightIcon(now) {
  return icon(now === "dark" ? "sun" : "moon");
}

function draw() {
  if (!state.world) return;
  if (!select.isConnected) fill(byId("you"), picture, select, light);
  refresh(select, state.world.people, () =>
    state.world.people.map(({ user, role }) =>
      h("option", { value: user.id }, `${plainName(user)} · ${role}`),
    ),
  );
  select.value = state.me;
  const me = state.users.get(state.me);
  if (me) refresh(picture, [me.id, state.guilds.length], () => avatar(me));
}
