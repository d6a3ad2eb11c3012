/** Files to be sent: picked, dropped or pasted; described, or taken out again. */

import { h, reconcile } from "../dom.js";
import { icon } from "../icons.js";
import { state } from "../model/store.js";
import { size } from "../time.js";
import { toast } from "../toasts.js";

const MOST = 10;
let lastKey = 0;

/** @returns {any} */
export function fileTray(onChange = () => {}) {
  let enclosures = [];
  const element = h("ul", { class: "tray", "aria-label": "Files to send", hidden: true });
  const picker = h("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", "aria-hidden": "true", on: { change: () => (add(picker.files), (picker.value = "")) } });
  const button = h("button", { type: "button", class: "icon-button", "aria-label": "Attach files", title: "Attach files", on: { click: () => picker.click() } }, icon("plus"));
  const holder = h("span", { class: "picker" }, button, picker);

  function add(files) {
    const most = state.world?.engine && state.world.upload_limit_bytes;
    for (const file of files) {
      if (most && file.size > most) toast(`${file.name} is larger than ${size(most)}.`, "error");
      else if (enclosures.length >= MOST) toast(`At most ${MOST} files in one message.`, "error");
      else enclosures.push({ key: `file ${++lastKey}`, file });
    }
    draw();
  }

  function remove(enclosure) {
    enclosures = enclosures.filter((each) => each !== enclosure);
    draw();
    button.focus();
  }

  function draw() {
    element.hidden = !enclosures.length;
    reconcile(element, enclosures, (each) => each.key, (each) => chip(each, remove));
    onChange();
  }

  /** Give the files, and forget them. */
  function take() {
    const taken = enclosures;
    set([]);
    return taken;
  }

  function set(kept) {
    enclosures = kept;
    draw();
  }

  return { element, button: holder, add, take, set, get: () => enclosures };
}

function chip(enclosure, remove) {
  const { file } = enclosure;
  const describe = h("input", { class: "chip-alt", type: "text", maxlength: "1024", placeholder: "Description (alt text)", "aria-label": `Description of ${file.name}`, value: enclosure.description ?? "", on: { input: ({ target }) => (enclosure.description = target.value.trim()) } });
  return h(
    "li", { class: "chip" }, preview(file),
    h("div", { class: "chip-about" }, h("span", { class: "chip-name", title: file.name }, file.name), h("span", { class: "chip-size" }, size(file.size)), describe),
    h("button", { type: "button", class: "icon-button", "aria-label": `Remove ${file.name}`, on: { click: () => remove(enclosure) } }, icon("trash")),
  );
}

function preview(file) {
  if (!/^image\/(png|jpeg|gif|webp)/.test(file.type)) return h("span", { class: "chip-icon" }, icon(file.type.startsWith("audio/") ? "mic" : "file"));
  const url = URL.createObjectURL(file);
  return h("img", { class: "chip-picture", src: url, alt: "", on: { load: () => URL.revokeObjectURL(url) } });
}
