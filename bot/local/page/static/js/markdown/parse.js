/** Discord's markdown, read into a tree of plain nodes. Pure: knows no page and no people. */

import { INLINE } from "./inline.js";

const DEEPEST = 24;

/**
 * @typedef {{type: string, children?: Node_[], text?: string, [key: string]: any}} Node_
 * @param {string} text
 * @returns {Node_[]}
 */
export const parse = (text) => blocks(text.replace(/\r\n?/g, "\n"), 0);

const FENCE = /^```(?:([a-zA-Z0-9_+\-.#]+)\n)?\n*([\s\S]+?)\n*```/;
const HEADING = /^(#{1,3}) +(.+)$/;
const SMALL = /^-# +(.+)$/;
const ITEM = /^( *)([-*]|\d{1,9}\.) +(.+)$/;

/** Read line by line; what is no block of its own runs on as text. */
function blocks(text, depth) {
  const nodes = [];
  let running = "",
    rest = text;
  const flush = () => {
    if (running) nodes.push(...inline(running, depth));
    running = "";
  };
  while (rest) {
    const block = startsLine(running) && depth < DEEPEST ? readBlock(rest, depth) : readFence(rest);
    if (block) {
      flush();
      nodes.push(block.node);
      rest = rest.slice(block.length);
    } else {
      const taken = untilFence(rest);
      running += taken;
      rest = rest.slice(taken.length);
    }
  }
  flush();
  return nodes;
}

const startsLine = (running) => running === "" || running.endsWith("\n");

/** The text up to the end of its line, or up to code that begins within it. */
function untilFence(rest) {
  const end = rest.indexOf("\n") + 1 || rest.length;
  const fence = rest.indexOf("```", 1);
  return rest.slice(0, fence > 0 && fence < end && FENCE.test(rest.slice(fence)) ? fence : end);
}

function readBlock(rest, depth) {
  return (
    readFence(rest) ?? readQuote(rest, depth) ?? readLine(rest, depth) ?? readList(rest, depth)
  );
}

function readFence(rest) {
  const found = FENCE.exec(rest);
  if (!found) return null;
  const node = { type: "codeblock", language: found[1] ?? "", text: found[2] };
  return { node, length: found[0].length + Number(rest[found[0].length] === "\n") };
}

function readQuote(rest, depth) {
  if (rest.startsWith(">>> "))
    return {
      node: { type: "quote", children: blocks(rest.slice(4), depth + 1) },
      length: rest.length,
    };
  const found = /^(?:> [^\n]*(?:\n|$)|>(?:\n|$))+/.exec(rest);
  if (!found) return null;
  const inner = found[0]
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => line.slice(2))
    .join("\n");
  return { node: { type: "quote", children: blocks(inner, depth + 1) }, length: found[0].length };
}

function readLine(rest, depth) {
  const [line] = rest.split("\n", 1);
  const heading = HEADING.exec(line);
  const small = SMALL.exec(line);
  if (!heading && !small) return null;
  const length = line.length + Number(rest.length > line.length);
  if (small) return { node: { type: "small", children: inline(small[1], depth + 1) }, length };
  return {
    node: { type: "heading", level: heading[1].length, children: inline(heading[2], depth + 1) },
    length,
  };
}

/** Lines of items; deeper ones belong to the item above them. */
function readList(rest, depth) {
  const lines = [];
  for (const line of rest.split("\n")) {
    if (!ITEM.test(line) || (lines.length && turns(lines[0], line))) break;
    lines.push(line);
  }
  if (!lines.length) return null;
  const length = lines.join("\n").length;
  const items = lines
    .map((line) => ITEM.exec(line))
    .map(([, indent, mark, text]) => ({ indent: indent.length, mark, text }));
  return { node: list(items, depth), length: length + Number(rest.length > length) };
}

/** Whether a line at the list's own depth begins a list of the other kind. */
function turns(first, line) {
  const [[, indent, mark], [, deeper, other]] = [ITEM.exec(first), ITEM.exec(line)];
  return deeper.length <= indent.length && /\d/.test(mark) !== /\d/.test(other);
}

function list(items, depth) {
  const [{ indent, mark }] = items;
  const ordered = /\d/.test(mark);
  const node = {
    type: "list",
    ordered,
    start: ordered ? Number.parseInt(mark, 10) : 1,
    children: [],
  };
  for (let at = 0; at < items.length;) {
    const { text } = items[at++];
    const from = at;
    while (at < items.length && items[at].indent > indent && depth < DEEPEST) at++;
    const children = inline(text, depth + 1);
    if (at > from) children.push(list(items.slice(from, at), depth + 1));
    node.children.push({ type: "item", children });
  }
  return node;
}

/** Read styles, mentions and links within a text. */
export function inline(text, depth = 0) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push({ type: "text", text: plain });
    plain = "";
  };
  for (let at = 0; at < text.length;) {
    const found = depth < DEEPEST && readInline(text, at, depth);
    if (!found) {
      plain += text[at++];
      continue;
    }
    flush();
    nodes.push(found.node);
    at += found.length;
  }
  flush();
  return nodes;
}

function readInline(text, at, depth) {
  for (const { starts, pattern, read } of INLINE) {
    if (!starts.includes(text[at])) continue;
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    const node = found && read(found, (inner) => inline(inner, depth + 1), text[at - 1]);
    if (node) return { node, length: node.taken ?? found[0].length };
  }
  return null;
}
