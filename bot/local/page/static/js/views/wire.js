/** The side panel: what went over the wire for an answer. */

import { byId, fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { Flag } from "../model/kinds.js";
import { emit, on, state } from "../model/store.js";
import { inspect } from "../model/writing.js";
import { countdown, history, money, tokens, exchanges } from "./wire_parts.js";
import { tabs } from "./tabs.js";

let page = 0;

on("wire", draw);
on("me", () => state.wire.open && forget());
on("arrived", (message) => {
  const { open, follow } = state.wire;
  if (
    open &&
    follow &&
    message.channel_id === state.channelId &&
    message.author.id === state.world.bot.id &&
    !(message.flags & Flag.EPHEMERAL)
  )
    inspect(message);
});
on("wire", () => emit("messages", state.channelId));

function forget() {
  Object.assign(state.wire, { messageId: "", data: null, error: "" });
  emit("wire");
}

function draw() {
  const panel = byId("wire");
  const { open, messageId, data, error } = state.wire;
  const focused = panel.contains(document.activeElement);
  panel.hidden = !open;
  byId("app").classList.toggle("shows-wire", open);
  if (!open) return;
  fill(
    panel,
    head(),
    error
      ? hint(error)
      : data
        ? body(data)
        : hint(
            messageId
              ? "Loading…"
              : "Choose Inspect in the menu of an answer: here is what the model was sent, and what it sent back.",
          ),
  );
  if (focused) panel.querySelector("button")?.focus();
}

const hint = (text) => h("p", { class: "wire-hint" }, text);

function head() {
  const close = () => {
    state.wire.open = false;
    emit("wire");
  };
  const follow = h("input", {
    type: "checkbox",
    id: "wire-follow",
    on: { change: ({ target }) => (state.wire.follow = target.checked) },
  });
  follow.checked = state.wire.follow;
  return h(
    "div",
    { class: "wire-head" },
    h("h2", null, "Wire"),
    h("label", { class: "wire-follow", for: "wire-follow" }, follow, "Follow the newest answer"),
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": "Close the wire panel",
        on: { click: close },
      },
      icon("close"),
    ),
  );
}

function body(data) {
  if (!data.exchanges?.length)
    return [
      summary(data),
      hint("What went over the wire for this answer is no longer kept: only the last 200 calls are."),
    ];
  const pages = [
    { label: "Request", make: () => exchanges(data, "request") },
    { label: "Answer", make: () => exchanges(data, "response") },
    { label: "History", make: () => history(data.history ?? []) },
    { label: "Tokens", make: () => tokens(data) },
  ];
  return [summary(data), tabs(pages, "What to show", page, (index) => (page = index))];
}

function summary(data) {
  const { audio, voice, format, seconds_of_speech: seconds, cost_usd: cost } = data;
  const facts = [
    ["Voice", voice],
    ["Format", format],
    ["Speech", typeof seconds === "number" ? `${seconds.toFixed(1)} s` : null],
    ["Cost", typeof cost === "number" ? money(cost) : null],
    ["Calls", data.exchanges?.length > 1 ? data.exchanges.length : null],
  ].filter(([, value]) => value !== null && value !== undefined);
  return h(
    "div",
    { class: "wire-summary" },
    h(
      "dl",
      { class: "facts" },
      facts.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))),
    ),
    audio?.id && countdown(audio),
  );
}
