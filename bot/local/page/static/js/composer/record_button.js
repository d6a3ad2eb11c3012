/** Recording a voice message: hold the button, or press to begin and again to send. */

import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { THREADS } from "../model/kinds.js";
import { channel, state } from "../model/store.js";
import { sendVoice } from "../model/writing.js";
import { VoiceRecorder } from "../sound/recorder.js";
import { complain } from "../toasts.js";
import { RecordBar } from "./record_bar.js";

const HELD_MS = 400;
const SLIDE_PX = 90;
const LABEL = "Record voice message";

export class RecordButton {
  #recorder = new VoiceRecorder();
  #bar = new RecordBar(() => this.cancel());
  #onChange;
  #isRecording = false;
  #roomId = "";
  /** The press under way: when and where it began, and whether it began the recording. */
  #press = { at: 0, x: 0, began: false };

  /** @param {(recording: boolean) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    const title = `${LABEL}: hold, or press to begin and again to send`;
    const props = {
      type: "button",
      class: "icon-button record",
      "aria-label": LABEL,
      title,
      "aria-pressed": "false",
    };
    this.button = h("button", props, icon("mic"));
    this.button.hidden = !VoiceRecorder.isSupported();
    this.bar = this.#bar.element;
    this.#recorder.onlevel = (level) => this.#bar.showLevel(level);
    this.#listen();
  }

  /** End a recording and forget it. */
  cancel() {
    if (!this.#isRecording) return;
    this.#recorder.cancel();
    this.#show(false);
    this.button.focus();
  }

  async #start() {
    this.#roomId = state.channelId;
    this.#show(true);
    try {
      await this.#recorder.start();
      this.#bar.begin();
    } catch (error) {
      this.#show(false);
      complain(error);
    }
  }

  async #finish() {
    this.#show(false);
    try {
      await sendVoice(this.#roomId, await this.#recorder.stop());
    } catch (error) {
      complain(error);
    }
  }

  #toggle() {
    if (this.#isRecording) this.#finish();
    else this.#start();
  }

  #show(recording) {
    this.#isRecording = recording;
    this.button.setAttribute("aria-pressed", String(recording));
    this.button.classList.toggle("is-recording", recording);
    fill(this.button, icon(recording ? "send" : "mic"));
    this.#bar.show(recording, hint());
    this.#onChange(recording);
  }

  #listen() {
    const { button } = this;
    button.addEventListener("pointerdown", (event) => this.#onDown(event));
    button.addEventListener("pointerup", (event) => this.#onUp(event));
    button.addEventListener("pointercancel", () => this.#press.began && this.cancel());
    // Clicks of a pointer are taken above; those of a keyboard or a screen reader have no detail.
    button.addEventListener("click", (event) => event.detail === 0 && this.#toggle());
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    addEventListener("keydown", (event) => event.key === "Escape" && this.cancel());
  }

  #onDown(event) {
    if (event.button !== 0) return;
    this.#press = { at: performance.now(), x: event.clientX, began: !this.#isRecording };
    this.button.setPointerCapture(event.pointerId);
    if (this.#press.began) this.#start();
  }

  /** Letting go ends what was held; a short press that began goes on until the next one. */
  #onUp(event) {
    const { at, x, began } = this.#press;
    const held = performance.now() - at > HELD_MS;
    if (!this.#isRecording || (began && !held)) return;
    if (began && x - event.clientX > SLIDE_PX) this.cancel();
    else this.#finish();
  }
}

/** In a server the bot hears a recording only where it is spoken to. */
function hint() {
  const room = channel();
  if (!room?.guild_id || state.reply || THREADS.has(room.type)) return "Escape cancels";
  return "Reply to an answer, or use the DM, so that the bot hears it";
}
