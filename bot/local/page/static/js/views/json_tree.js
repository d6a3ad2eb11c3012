/** JSON to read: each object and list can be folded. */

import { h } from "../dom.js";

const OPEN_DEPTH = 3;
const LONG = 40;

/** @param {any} value */
export const jsonTree = (value) => h("div", { class: "json" }, node(value, null, 0, ""));

function node(value, key, depth, comma) {
  const name = key !== null && [h("span", { class: "json-key" }, JSON.stringify(key)), ": "];
  if (value === null || typeof value !== "object")
    return h("div", { class: "json-line" }, name, leaf(value), comma);
  const entries = Array.isArray(value) ? value.map((each) => [null, each]) : Object.entries(value);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (!entries.length) return h("div", { class: "json-line" }, name, open, close, comma);
  const count = h(
    "span",
    { class: "json-count" },
    ` ${entries.length} ${Array.isArray(value) ? "items" : "fields"} ${close}`,
  );
  const inner = entries.map(([inside, each], index) =>
    node(each, inside, depth + 1, index < entries.length - 1 ? "," : ""),
  );
  return h(
    "details",
    { class: "json-node", open: depth < OPEN_DEPTH && entries.length < LONG },
    h("summary", null, name, open, count),
    h("div", { class: "json-inner" }, inner),
    h("div", { class: "json-line" }, close, comma),
  );
}

function leaf(value) {
  return h(
    "span",
    { class: `json-${value === null ? "null" : typeof value}` },
    JSON.stringify(value),
  );
}
