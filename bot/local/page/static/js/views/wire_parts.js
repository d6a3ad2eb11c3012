/** What the pages of the wire panel show. */

import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { clock, written } from "../time.js";
import { toast, trying } from "../toasts.js";
import { jsonTree } from "./json_tree.js";

export const money = (usd) => `$${usd.toFixed(usd < 0.01 ? 5 : 4)}`;

/** Every call of an answer: what was sent, or what came back. */
export function exchanges({ exchanges: calls = [] }, side) {
  return calls.map((call, index) =>
    h(
      "section",
      { class: "exchange", "aria-label": `Call ${index + 1}` },
      h(
        "div",
        { class: "exchange-head" },
        h("h3", null, heading(call, index, calls.length)),
        copy(call[side]),
      ),
      call[side] === null || call[side] === undefined
        ? h("p", { class: "wire-hint" }, "Nothing came back.")
        : jsonTree(call[side]),
    ),
  );
}

function heading({ status, seconds, at }, index, count) {
  const took = typeof seconds === "number" ? `${seconds.toFixed(2)} s` : "";
  return [count > 1 && `Call ${index + 1}`, status, took, at && written(new Date(at), "T")]
    .filter(Boolean)
    .join(" · ");
}

function copy(value) {
  const write = trying(async () => {
    await navigator.clipboard.writeText(JSON.stringify(value, null, 2));
    toast("Copied.");
  });
  return h(
    "button",
    { type: "button", class: "button button-small", on: { click: write } },
    icon("copy"),
    "Copy",
  );
}

const KINDS = {
  "audio id": ["audio-id", "by its audio id"],
  text: ["text", "as text"],
  audio: ["audio", "as audio"],
  placeholder: ["placeholder", "as a note that it was there"],
};

/** The earlier turns, and in what form each was sent. */
export function history(turns) {
  if (!turns.length)
    return h("p", { class: "wire-hint" }, "No earlier turns: the conversation begins here.");
  return h("ol", { class: "turns" }, turns.map(turn));
}

function turn({ role, as: form, text, audio_id: audioId }) {
  const [kind, words] = KINDS[form] ?? ["text", form];
  return h(
    "li",
    { class: `turn turn-${kind}` },
    h(
      "div",
      { class: "turn-head" },
      h("strong", null, role),
      h("span", { class: `turn-form turn-form-${kind}` }, words),
    ),
    audioId && h("code", { class: "turn-id" }, audioId),
    text && h("p", null, text),
  );
}

/** The tokens of a call by kind, and what they cost. */
export function tokens({ usage, cost_usd: cost }) {
  if (!usage) return h("p", { class: "wire-hint" }, "No tokens were told.");
  const rows = flat(usage).map(([name, value, depth]) =>
    h(
      "tr",
      null,
      h("th", { scope: "row", class: `depth-${depth}` }, name),
      h("td", null, value.toLocaleString()),
    ),
  );
  const total = h(
    "p",
    { class: "cost" },
    "Cost: ",
    h("strong", null, typeof cost === "number" ? money(cost) : "not known"),
  );
  return [
    h(
      "table",
      { class: "tokens" },
      h(
        "thead",
        null,
        h("tr", null, h("th", { scope: "col" }, "Kind"), h("th", { scope: "col" }, "Tokens")),
      ),
      h("tbody", null, rows),
    ),
    total,
  ];
}

function flat(usage, depth = 0) {
  return Object.entries(usage).flatMap(([name, value]) => {
    if (typeof value === "number") return value || !depth ? [[words(name), value, depth]] : [];
    return value && typeof value === "object"
      ? flat(value, 1).map(([inner, count]) => [
          `${words(name.replace("_tokens_details", ""))}: ${inner}`,
          count,
          1,
        ])
      : [];
  });
}

const words = (name) => name.replace(/_tokens$/, "").replaceAll("_", " ");

/** The audio id, and how long the server still knows it. */
export function countdown({ id, expires_at: until }) {
  const left = h("span", { class: "audio-left" });
  const frame = h(
    "div",
    { class: "audio-id", "aria-live": "off" },
    h("span", { class: "audio-id-label" }, "Audio id"),
    h("code", null, id),
    left,
  );
  const tick = () => {
    const seconds = until - Date.now() / 1000;
    frame.classList.toggle("is-expired", seconds <= 0);
    fill(left, seconds > 0 ? `expires in ${clock(seconds)}` : "expired: it goes back as its words");
  };
  tick();
  const timer = setInterval(() => (frame.isConnected ? tick() : clearInterval(timer)), 1000);
  return frame;
}
