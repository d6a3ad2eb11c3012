/** Where one writes: text, commands, files, recordings. */

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { may, mayWrite, Right } from "../model/kinds.js";
import { roomLabel } from "../model/names.js";
import { channel, on, state } from "../model/store.js";
import { answer, edit, lastOwn, sayTyping, send } from "../model/writing.js";
import { trying } from "../toasts.js";
import { typingLine } from "../views/status.js";
import { commandForm } from "./command_form.js";
import { draftOf, forgetDrafts, keepDraft } from "./drafts.js";
import { encode } from "./mentions.js";
import { recordButton } from "./record_button.js";
import { replyBar } from "./reply_bar.js";
import { suggestions } from "./suggestions.js";
import { completing } from "./typed.js";
import { fileTray } from "./uploads.js";
import { watchFiles } from "./dropping.js";

const MOST = 2000;
const TOLD_FROM = 1800;
const touch = matchMedia("(hover: none) and (pointer: coarse)");

/** @returns {HTMLElement} one for all rooms */
export function composer() {
  const list = suggestions();
  const area = h("textarea", { class: "composer-text", rows: "1", autocomplete: "off", "aria-autocomplete": "list", "aria-describedby": "composer-left" });
  const left = h("span", { class: "composer-left", id: "composer-left" });
  const tray = fileTray(() => refreshSend());
  const record = recordButton((recording) => form.classList.toggle("is-recording", recording));
  const submit = h("button", { type: "submit", class: "icon-button send", "aria-label": "Send", title: "Send" }, icon("send"));
  const commandSlot = h("div", { class: "command-slot" });
  const row = h("div", { class: "composer-row" }, tray.button, area, commandSlot, record.bar, left, record.button, submit);
  const locked = h("p", { class: "composer-locked", hidden: true }, icon("lock"), "You may not write here.");
  const form = h("form", { id: "composer", class: "composer", "aria-label": "Write a message" }, list.element, replyBar(), tray.element, row, locked, typingLine());
  let command = null, roomId = "";

  const typed = completing(area, list, (flat) => begin(flat));

  function begin(flat) {
    area.value = "";
    typed.refresh();
    command = commandForm(flat, list, roomId, (text = "") => leave(text));
    commandSlot.replaceChildren(command.element);
    form.classList.add("is-command");
    refreshSend();
    command.focus(submit);
  }

  function leave(text = "") {
    if (!command) return;
    command = null;
    list.hide();
    commandSlot.replaceChildren();
    form.classList.remove("is-command");
    area.value = text;
    area.focus();
    grow();
  }

  function grow() {
    area.style.setProperty("height", "auto");
    area.style.setProperty("height", `${Math.min(area.scrollHeight, innerHeight * 0.4)}px`);
    const length = encode(area.value).length;
    left.textContent = length > TOLD_FROM ? String(MOST - length) : "";
    left.classList.toggle("is-over", length > MOST);
    refreshSend();
  }

  function refreshSend() {
    submit.classList.toggle("is-ready", Boolean(command || area.value.trim() || tray.get().length));
  }

  const post = trying(async () => {
    if (command) {
      const used = command;
      await used.send();
      if (command === used) leave();
      return;
    }
    const [text, files, reply, to] = [area.value, tray.get(), state.reply, roomId];
    if (!text.trim() && !files.length) return;
    area.value = "";
    tray.set([]);
    typed.refresh();
    grow();
    try {
      await send(to, encode(text).trim(), files, reply);
    } catch (error) {
      restore(to, text, files, reply);
      throw error;
    }
  });

  /** What could not be sent comes back, unless something else was written meanwhile. */
  function restore(to, text, files, reply) {
    if (to !== roomId) return keepDraft(to, text, files);
    if (!area.value) area.value = text;
    if (!tray.get().length) tray.set(files);
    if (reply && !state.reply) answer(reply.message);
    grow();
  }

  function onKey(event) {
    if (command) return command.takeKey(event);
    if (event.target !== area || list.takeKey(event) || event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !touch.matches) {
      event.preventDefault();
      post();
    } else if (event.key === "Escape" && state.reply) answer(null);
    else if (event.key === "ArrowUp" && !area.value && lastOwn()) {
      event.preventDefault();
      edit(lastOwn().id);
    }
  }

  function enterRoom() {
    if (roomId === state.channelId) return;
    if (roomId) keepDraft(roomId, area.value, tray.get());
    leave();
    record.cancel();
    roomId = state.channelId;
    const { text, files } = draftOf(roomId);
    area.value = text;
    tray.set(files);
    label();
    queueMicrotask(grow);
    if (!touch.matches && (document.activeElement === document.body || form.contains(document.activeElement))) area.focus();
  }

  function label() {
    const room = channel();
    if (!room) return;
    const name = `Message ${roomLabel(room)}`;
    area.setAttribute("aria-label", name);
    area.setAttribute("placeholder", name);
    const writes = mayWrite(room);
    row.hidden = !writes;
    locked.hidden = writes;
    tray.button.hidden = !may(room, Right.ATTACH);
    record.button.classList.toggle("is-forbidden", !may(room, Right.SEND_VOICE) || !may(room, Right.ATTACH));
  }

  area.addEventListener("input", () => {
    grow();
    if (area.value && !area.value.startsWith("/")) sayTyping(roomId);
  });
  form.addEventListener("keydown", onKey);
  form.addEventListener("submit", (event) => (event.preventDefault(), post()));
  watchFiles(area, tray, () => mayWrite(channel()) && may(channel(), Right.ATTACH) && form.isConnected);
  on("channel", enterRoom);
  on("channels", label);
  on("reply", () => state.reply && area.focus());
  on("me", () => (forgetDrafts(), (roomId = ""), leave(), (area.value = ""), tray.set([])));
  return form;
}
