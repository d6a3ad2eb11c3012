/** Files to be sent: picked, dropped or pasted; described, or taken out again. */

import { h, reconcile } from "../dom.js";
import { icon } from "../icons.js";
import { state } from "../model/store.js";
import { size } from "../time.js";
import { toast } from "../toasts.js";

const MOST = 10;
let lastKey = 0;

/** The files of one message, and the button that adds some. */
export class FileTray {
  /** @type {import("../model/writing.js").Enclosure[]} */
  #enclosures = [];
  #onChange;
  #picker = h("input", {
    type: "file",
    multiple: true,
    hidden: true,
    tabindex: "-1",
    "aria-hidden": "true",
  });

  constructor(onChange = () => {}) {
    this.#onChange = onChange;
    this.element = h("ul", { class: "tray", "aria-label": "Files to send", hidden: true });
    const props = {
      type: "button",
      class: "icon-button",
      "aria-label": "Attach files",
      title: "Attach files",
    };
    const button = h(
      "button",
      { ...props, on: { click: () => this.#picker.click() } },
      icon("plus"),
    );
    this.button = h("span", { class: "picker" }, button, this.#picker);
    this.#picker.addEventListener("change", () => this.#addPicked());
  }

  get enclosures() {
    return this.#enclosures;
  }

  set enclosures(kept) {
    this.#enclosures = kept;
    this.#draw();
  }

  /** @param {Iterable<File>} files */
  add(files) {
    for (const file of files) {
      const refusal = this.#refusalOf(file);
      if (refusal) toast(refusal, "error");
      else this.#enclosures.push({ key: `file ${++lastKey}`, file });
    }
    this.#draw();
  }

  #addPicked() {
    this.add(this.#picker.files);
    this.#picker.value = ""; // so that the same file can be picked again
  }

  #refusalOf(file) {
    const most = state.world?.upload_limit_bytes;
    if (most && file.size > most) return `${file.name} is larger than ${size(most)}.`;
    return this.#enclosures.length >= MOST ? `At most ${MOST} files in one message.` : "";
  }

  #remove(enclosure) {
    this.enclosures = this.#enclosures.filter((each) => each !== enclosure);
    this.button.firstChild.focus();
  }

  #draw() {
    this.element.hidden = !this.#enclosures.length;
    reconcile(
      this.element,
      this.#enclosures,
      (each) => each.key,
      (each) => chip(each, () => this.#remove(each)),
    );
    this.#onChange();
  }
}

function chip(enclosure, remove) {
  const { file } = enclosure;
  const label = `Remove ${file.name}`;
  return h(
    "li",
    { class: "chip" },
    preview(file),
    h(
      "div",
      { class: "chip-about" },
      fileName(file),
      h("span", { class: "chip-size" }, size(file.size)),
      describing(enclosure),
    ),
    h(
      "button",
      { type: "button", class: "icon-button", "aria-label": label, on: { click: remove } },
      icon("trash"),
    ),
  );
}

const fileName = ({ name }) => h("span", { class: "chip-name", title: name }, name);

function describing(enclosure) {
  const note = ({ target }) => (enclosure.description = target.value.trim());
  return h("input", {
    class: "chip-alt",
    type: "text",
    maxlength: "1024",
    placeholder: "Description (alt text)",
    "aria-label": `Description of ${enclosure.file.name}`,
    value: enclosure.description ?? "",
    on: { input: note },
  });
}

function preview(file) {
  if (!/^image\/(png|jpeg|gif|webp)/.test(file.type)) {
    return h("span", { class: "chip-icon" }, icon(file.type.startsWith("audio/") ? "mic" : "file"));
  }
  const url = URL.createObjectURL(file);
  return h("img", {
    class: "chip-picture",
    src: url,
    alt: "",
    on: { load: () => URL.revokeObjectURL(url) },
  });
}
