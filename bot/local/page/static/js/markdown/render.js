/** Discord's markdown as DOM nodes. Data becomes text nodes and checked addresses, never markup. */

import { h } from "../dom.js";
import { written } from "../time.js";
import { parse } from "./parse.js";

/**
 * @typedef {object} Names what mentions are called here
 * @property {(id: string) => string} user
 * @property {(id: string) => string|undefined} role
 * @property {(id: string) => {name: string, address: string}|undefined} channel
 * @property {string} me
 */

const PLAIN = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strike: "s",
  quote: "blockquote",
  item: "li",
};
const ONLY_EMOJI =
  /^(?:\s|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f){1,60}$/u;

/** @param {string} text @param {Names} names @returns {Node[]} */
export const render = (text, names) => all(parse(text), names);

/** Whether a text is nothing but emoji, which are shown large. */
export const isOnlyEmoji = (text) => ONLY_EMOJI.test(text) && text.trim() !== "";

const all = (nodes, names) => nodes.map((node) => one(node, names));

function one(node, names) {
  if (node.type in PLAIN) return h(PLAIN[node.type], null, all(node.children, names));
  return NODES[node.type](node, names);
}

const NODES = {
  text: ({ text }) => document.createTextNode(text),
  break: () => h("br"),
  emoji: ({ text }) => h("span", { class: "md-emoji" }, text),
  code: ({ text }) => h("code", { class: "md-code" }, text),
  codeblock: ({ text, language }) =>
    h(
      "pre",
      { class: "md-pre", tabindex: "0", "aria-label": `Code ${language}`.trim(), role: "group" },
      h("code", null, text),
    ),
  heading: ({ level, children }, names) =>
    h("h4", { class: `md-h md-h${level}` }, all(children, names)),
  small: ({ children }, names) => h("div", { class: "md-small" }, all(children, names)),
  list: ({ ordered, start, children }, names) =>
    h(
      ordered ? "ol" : "ul",
      { class: "md-list", start: ordered && start !== 1 ? start : null },
      all(children, names),
    ),
  spoiler,
  link,
  user: ({ id }, names) => mention(`@${names.user(id)}`, id === names.me ? "me" : "user"),
  role: ({ id }, names) => mention(`@${names.role(id) ?? "deleted-role"}`, "role"),
  everyone: ({ text }) => mention(text, "role"),
  command: ({ text }) => mention(`/${text}`, "command"),
  channel,
  time,
};

const mention = (text, kind) => h("span", { class: `md-mention md-mention-${kind}` }, text);

function channel({ id }, names) {
  const found = names.channel(id);
  return found
    ? h("a", { class: "md-mention", href: found.address }, found.name)
    : mention("#unknown", "unknown");
}

function time({ at, style }) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return document.createTextNode("Invalid Date");
  const props = {
    class: "md-time",
    datetime: date.toISOString(),
    title: written(at, "F"),
    "data-relative": style === "R",
  };
  return h("time", props, written(at, style));
}

/** A link; one whose text is not its address says where it leads. */
function link({ url, title, masked, children }, names) {
  const anchor = h(
    "a",
    {
      class: "md-link",
      href: url,
      title: title ? `${title} (${url})` : url,
      target: "_blank",
      rel: "noopener noreferrer",
    },
    all(children, names),
  );
  return masked
    ? h("span", null, anchor, " ", h("span", { class: "md-target" }, `(${new URL(url).host})`))
    : anchor;
}

function spoiler({ children }, names) {
  const inner = h(
    "span",
    { class: "md-spoiler-text", "aria-hidden": "true", inert: true },
    all(children, names),
  );
  const show = (event) => {
    if (event.type === "keydown" && ![" ", "Enter"].includes(event.key)) return;
    event.preventDefault();
    cover.classList.add("is-open");
    for (const name of ["role", "tabindex", "aria-label"]) cover.removeAttribute(name);
    inner.removeAttribute("aria-hidden");
    inner.removeAttribute("inert");
  };
  const cover = h(
    "span",
    {
      class: "md-spoiler",
      role: "button",
      tabindex: "0",
      "aria-label": "Show the spoiler",
      on: { click: show, keydown: show },
    },
    inner,
  );
  return cover;
}
