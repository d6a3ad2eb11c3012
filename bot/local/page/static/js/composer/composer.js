/** Where one writes: text, commands, files, recordings. One for all rooms. */

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { may, mayWrite, Right } from "../model/kinds.js";
import { roomLabel } from "../model/names.js";
import { channel, on, state } from "../model/store.js";
import { answer, edit, lastOwn, sayTyping, send } from "../model/writing.js";
import { trying } from "../toasts.js";
import { typingLine } from "../views/status.js";
import { CommandForm } from "./command_form.js";
import { draftOf, forgetDrafts, keepDraft } from "./drafts.js";
import { watchFiles } from "./dropping.js";
import { encode } from "./mentions.js";
import { RecordButton } from "./record_button.js";
import { replyBar } from "./reply_bar.js";
import { Suggestions } from "./suggestions.js";
import { TextBox } from "./text_box.js";
import { FileTray } from "./uploads.js";

const touch = matchMedia("(hover: none) and (pointer: coarse)");

export class Composer {
  #list = new Suggestions();
  #text = new TextBox(
    this.#list,
    (flat) => this.#begin(flat),
    () => this.#onTyping(),
  );
  #tray = new FileTray(() => this.#showReady());
  #record = new RecordButton((recording) =>
    this.element.classList.toggle("is-recording", recording),
  );
  #submit = h(
    "button",
    { type: "submit", class: "icon-button send", "aria-label": "Send", title: "Send" },
    icon("send"),
  );
  #slot = h("div", { class: "command-slot" });
  #locked = h(
    "p",
    { class: "composer-locked", hidden: true },
    icon("lock"),
    "You may not write here.",
  );
  #row = h("div", { class: "composer-row" });
  #roomId = "";
  /** @type {CommandForm|null} */
  #command = null;

  constructor() {
    const parts = [
      this.#list.element,
      replyBar(),
      this.#tray.element,
      this.#row,
      this.#locked,
      typingLine(),
    ];
    this.element = h(
      "form",
      { id: "composer", class: "composer", "aria-label": "Write a message" },
      parts,
    );
    const { area, left } = this.#text;
    this.#row.append(
      this.#tray.button,
      area,
      this.#slot,
      this.#record.bar,
      left,
      this.#record.button,
      this.#submit,
    );
    this.#listen();
  }

  #listen() {
    const post = trying(() => (this.#command ? this.#useCommand() : this.#post()));
    this.element.addEventListener("submit", (event) => (event.preventDefault(), post()));
    this.element.addEventListener("keydown", (event) => this.#onKey(event, post));
    watchFiles(this.#text.area, this.#tray, () => this.#takesFiles());
    on("channel", () => this.#enterRoom());
    on("channels", () => this.#label());
    on("reply", () => state.reply && this.#text.area.focus());
    on("me", () => this.#forget());
  }

  #onKey(event, post) {
    if (this.#command) return this.#command.takeKey(event);
    if (event.target !== this.#text.area || this.#list.takeKey(event) || event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !touch.matches) post();
    else if (event.key === "Escape" && state.reply) answer(null);
    else if (event.key === "ArrowUp" && !this.#text.value && lastOwn()) edit(lastOwn().id);
    else return;
    event.preventDefault();
  }

  #onTyping() {
    this.#showReady();
    const { value } = this.#text;
    if (value && !value.startsWith("/")) sayTyping(this.#roomId);
  }

  #showReady() {
    const isReady = this.#command || this.#text.value.trim() || this.#tray.enclosures.length;
    this.#submit.classList.toggle("is-ready", Boolean(isReady));
  }

  // Sending.

  async #post() {
    const [text, files, reply, roomId] = [
      this.#text.value,
      this.#tray.enclosures,
      state.reply,
      this.#roomId,
    ];
    if (!text.trim() && !files.length) return;
    this.#put("", []);
    try {
      await send(roomId, encode(text).trim(), files, reply);
    } catch (error) {
      this.#restore(roomId, text, files, reply);
      throw error;
    }
  }

  /** What could not be sent comes back, unless something else was written meanwhile. */
  #restore(roomId, text, files, reply) {
    if (roomId !== this.#roomId) return keepDraft(roomId, text, files);
    const isFree = !this.#text.value && !this.#tray.enclosures.length;
    if (isFree) this.#put(text, files);
    if (isFree && reply && !state.reply) answer(reply.message);
  }

  #put(text, files) {
    this.#text.value = text;
    this.#tray.enclosures = files;
    this.#showReady();
  }

  // Commands.

  #begin(flat) {
    this.#text.value = "";
    this.#list.hide();
    this.#command = new CommandForm(flat, this.#list, this.#roomId, (text) => this.#leave(text));
    this.#slot.replaceChildren(this.#command.element);
    this.element.classList.add("is-command");
    this.#showReady();
    this.#command.focus(this.#submit);
  }

  #leave(text = "") {
    if (!this.#command) return;
    this.#command = null;
    this.#list.hide();
    this.#slot.replaceChildren();
    this.element.classList.remove("is-command");
    this.#text.value = text;
    this.#text.area.focus();
    this.#showReady();
  }

  async #useCommand() {
    const used = this.#command;
    await used.send();
    if (this.#command === used) this.#leave();
  }

  // Rooms.

  #enterRoom() {
    if (this.#roomId === state.channelId) return;
    const hadFocus =
      document.activeElement === document.body || this.element.contains(document.activeElement);
    if (this.#roomId) keepDraft(this.#roomId, this.#text.value, this.#tray.enclosures);
    this.#leave();
    this.#record.cancel();
    this.#roomId = state.channelId;
    const { text, files } = draftOf(this.#roomId);
    this.#put(text, files);
    this.#label();
    // The form is put into the page after this: only then it has a size and takes the focus.
    queueMicrotask(() => (this.#text.fit(), hadFocus && !touch.matches && this.#text.area.focus()));
  }

  #label() {
    const room = channel();
    if (!room) return;
    this.#text.label = `Message ${roomLabel(room)}`;
    this.#row.hidden = !mayWrite(room);
    this.#locked.hidden = mayWrite(room);
    this.#tray.button.hidden = !may(room, Right.ATTACH);
    const speaks = may(room, Right.SEND_VOICE) && may(room, Right.ATTACH);
    this.#record.button.classList.toggle("is-forbidden", !speaks);
  }

  #takesFiles() {
    return this.element.isConnected && mayWrite(channel()) && may(channel(), Right.ATTACH);
  }

  /** Another person begins with nothing written. */
  #forget() {
    forgetDrafts();
    this.#roomId = "";
    this.#record.cancel();
    this.#leave();
    this.#put("", []);
  }
}
