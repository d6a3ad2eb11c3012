/** Recording a voice message: hold the button, or press to begin and again to send. */

import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { THREADS } from "../model/kinds.js";
import { channel, state } from "../model/store.js";
import { sendVoice } from "../model/writing.js";
import { VoiceRecorder } from "../sound/recorder.js";
import { clock } from "../time.js";
import { complain, trying } from "../toasts.js";

const HELD_MS = 400;
const SLIDE_PX = 90;
const BARS = 40;

/** @param {(recording: boolean) => void} onChange @returns {{button: any, bar: any, cancel: () => void}} */
export function recordButton(onChange) {
  const recorder = new VoiceRecorder();
  const button = h("button", { type: "button", class: "icon-button record", "aria-label": "Record voice message", title: "Record voice message: hold, or press to begin and again to send", "aria-pressed": "false" }, icon("mic"));
  const time = h("span", { class: "record-time", role: "timer", "aria-label": "Recorded" }, "0:00");
  const meter = h("span", { class: "meter", "aria-hidden": "true" }, Array.from({ length: BARS }, () => h("i")));
  const words = h("span", { class: "record-hint" });
  const drop = h("button", { type: "button", class: "button button-small", on: { click: () => cancel() } }, "Cancel");
  const bar = h("div", { class: "record-bar", hidden: true }, h("span", { class: "record-dot", "aria-hidden": "true" }), time, meter, words, drop);
  let begunAt = 0, ticking, room, pressedAt = 0, startX = 0, began = false;

  const isRecording = () => begunAt > 0;

  async function start() {
    room = state.channelId;
    show(true);
    try {
      await recorder.start();
      begunAt &&= Date.now();
    } catch (error) {
      show(false);
      complain(error);
    }
  }

  function show(recording) {
    begunAt = recording ? Date.now() : 0;
    bar.hidden = !recording;
    button.setAttribute("aria-pressed", String(recording));
    button.classList.toggle("is-recording", recording);
    fill(button, icon(recording ? "send" : "mic"));
    fill(words, hint());
    clearInterval(ticking);
    time.textContent = "0:00";
    if (recording) ticking = setInterval(() => (time.textContent = clock((Date.now() - begunAt) / 1000)), 200);
    onChange(recording);
  }

  const finish = trying(async () => {
    show(false);
    await sendVoice(room, await recorder.stop());
  });

  function cancel() {
    if (!isRecording()) return;
    recorder.cancel();
    show(false);
    button.focus();
  }

  let at = 0, shownAt = 0;
  recorder.onlevel = (level) => {
    if (performance.now() - shownAt < 70) return;
    shownAt = performance.now();
    meter.children[at++ % BARS].style.setProperty("--level", level.toFixed(2));
  };

  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    [pressedAt, startX, began] = [performance.now(), event.clientX, !isRecording()];
    button.setPointerCapture(event.pointerId);
    if (began) start();
  });
  button.addEventListener("pointerup", (event) => {
    const held = performance.now() - pressedAt > HELD_MS;
    if (!isRecording()) return;
    if (began && held && startX - event.clientX > SLIDE_PX) cancel();
    else if (!began || held) finish();
  });
  button.addEventListener("pointercancel", () => began && cancel());
  // Clicks of a pointer were taken above; those of a keyboard or of a screen reader have no detail.
  button.addEventListener("click", (event) => {
    if (event.detail !== 0) return;
    if (isRecording()) finish();
    else start();
  });
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  addEventListener("keydown", (event) => event.key === "Escape" && isRecording() && (event.preventDefault(), cancel()));
  if (!VoiceRecorder.isSupported()) button.hidden = true;
  return { button, bar, cancel };
}

/** In a server the bot hears a recording only where it is spoken to. */
function hint() {
  const room = channel();
  if (!room?.guild_id || state.reply || THREADS.has(room.type)) return "Escape cancels";
  return "Reply to an answer, or use the DM, so that the bot hears it";
}
