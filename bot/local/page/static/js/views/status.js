/** Lines that say how things are: the engine, the connection, who is typing. */

import { byId, fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { nameOf } from "../model/names.js";
import { isReady } from "../model/session.js";
import { on, state } from "../model/store.js";

on("world", showEngine);
on("connection", showConnection);

function showEngine() {
  const { engine } = state.world;
  const isLoading = !isReady(engine);
  const line = byId("notice");
  const problems = engine?.problems ?? [];
  line.hidden = !engine?.notice && !isLoading && !problems.length;
  const loading = isLoading && `Loading ${engine.doing ?? "the model"}…`;
  const words = [loading, engine?.notice, ...problems];
  fill(
    line,
    icon("info"),
    h("span", null, words.filter(Boolean).join(" ")),
    isLoading && bar(engine),
  );
}

const bar = ({ progress }) =>
  h("progress", { max: 1, value: progress ?? null, "aria-label": "The engine is loading" });

function showConnection() {
  const line = byId("connection");
  line.hidden = state.online;
  fill(
    line,
    state.online
      ? null
      : state.ended
        ? "The demo was started anew. Open the address that it has printed."
        : "Offline. Trying to connect again…",
  );
}

/** The line under the composer. */
export function typingLine() {
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  const words = h("span");
  const line = h("p", { class: "typing", role: "status" }, dots, words);
  const draw = () => {
    const typists = [...(state.typing.get(state.channelId) ?? [])]
      .filter(([, until]) => until > Date.now())
      .map(([id]) => nameOf(id));
    dots.hidden = !typists.length;
    const text = typists.length ? `${sentence(typists)} typing…` : "";
    if (words.textContent !== text) words.textContent = text;
  };
  on("typing channel", draw);
  draw();
  return line;
}

function sentence(names) {
  if (names.length > 3) return "Several people are";
  return names.length === 1
    ? `${names[0]} is`
    : `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are`;
}
