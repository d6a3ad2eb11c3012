/** Records a voice message from the microphone, as Discord's own clients would send it. */

import { writeOgg } from "./ogg.js";
import { measureWaveform } from "./waveform.js";
import { readWebm } from "./webm.js";

const BITS_PER_SECOND = 48000;
const DECODED_HZ = 48000;
// Firefox writes Ogg itself; Chromium and newer Safaris write WebM; older Safaris only MP4.
const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];
const MICROPHONE = {
  channelCount: 1,
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};
const REFUSALS = {
  NotAllowedError: "The browser was not allowed to use the microphone.",
  NotFoundError: "There is no microphone.",
  NotReadableError: "The microphone is used by something else.",
};

/** Why there is no recording, in a sentence for the reader. */
export class RecordingError extends Error {}

/**
 * @typedef {object} Recording
 * @property {"voice" | "file"} kind "voice" may go as a native voice message (Ogg Opus);
 *   "file" is what a browser without Opus gives, and goes as an ordinary sound file
 * @property {Blob} blob
 * @property {string} filename
 * @property {number} seconds as many as there are samples
 * @property {string} waveform base64
 */

/** One microphone, one recording at a time. */
export class VoiceRecorder {
  /** Called for every drawn frame with the loudness now, 0 to 1. */
  onlevel = null;

  #session = null;

  /** Whether this browser can record at all. */
  static isSupported() {
    return Boolean(navigator.mediaDevices?.getUserMedia && globalThis.MediaRecorder && type());
  }

  /** Whether a recording is being taken, or the microphone is being asked for. */
  get isRecording() {
    return this.#session !== null;
  }

  /**
   * Ask for the microphone and begin. Resolves when it records, also if `cancel` came meanwhile.
   * @throws {RecordingError}
   */
  async start() {
    if (this.#session) throw new RecordingError("A recording is already running.");
    const session = new Session((level) => this.onlevel?.(level));
    this.#session = session;
    try {
      await session.open();
    } catch (error) {
      if (this.#session === session) this.#session = null;
      session.close();
      throw new RecordingError(REFUSALS[error.name] ?? "The microphone cannot be used.");
    }
  }

  /**
   * End the recording and give it.
   * @returns {Promise<Recording>}
   * @throws {RecordingError} nothing was recorded
   */
  async stop() {
    const session = this.#session;
    this.#session = null;
    if (!session) throw new RecordingError("Nothing is being recorded.");
    return recordingOf(await session.finish());
  }

  /** End the recording and forget it. */
  cancel() {
    this.#session?.close();
    this.#session = null;
  }
}

/** From opening the microphone to releasing it. */
class Session {
  #chunks = [];
  #closed = false;
  #onlevel;
  #context = null;
  #recorder = null;
  #source = null;
  #stopped = null;

  constructor(onlevel) {
    this.#onlevel = onlevel;
  }

  async open() {
    this.#source = await navigator.mediaDevices.getUserMedia({ audio: MICROPHONE });
    if (this.#closed) return this.#release();
    this.#context = new AudioContext();
    await this.#context.resume();
    if (this.#closed) return;
    const stream = this.#mono();
    this.#recorder = new MediaRecorder(stream, {
      mimeType: type(),
      audioBitsPerSecond: BITS_PER_SECOND,
    });
    this.#recorder.ondataavailable = ({ data }) => this.#chunks.push(data);
    this.#stopped = new Promise((resolve) => this.#recorder.addEventListener("stop", resolve));
    this.#recorder.start();
  }

  /** End, and give all that was recorded. */
  async finish() {
    const recorder = this.#recorder;
    if (!recorder) {
      this.close();
      throw new RecordingError("It was let go before the microphone was ready.");
    }
    if (recorder.state !== "inactive") recorder.stop();
    await this.#stopped;
    this.close();
    return new Blob(this.#chunks, { type: recorder.mimeType });
  }

  close() {
    this.#closed = true;
    if (this.#recorder && this.#recorder.state !== "inactive") this.#recorder.stop();
    this.#release();
  }

  #release() {
    this.#source?.getTracks().forEach((track) => track.stop());
    if (this.#context && this.#context.state !== "closed") this.#context.close();
  }

  /** Mix to one channel, whatever the microphone has, and measure on the way. */
  #mono() {
    const microphone = this.#context.createMediaStreamSource(this.#source);
    const mixed = new MediaStreamAudioDestinationNode(this.#context, {
      channelCount: 1,
      channelCountMode: "explicit",
    });
    const meter = this.#context.createAnalyser();
    microphone.connect(mixed);
    microphone.connect(meter);
    this.#tellLevel(meter, new Float32Array(meter.fftSize));
    return mixed.stream;
  }

  #tellLevel(meter, samples) {
    if (this.#closed) return;
    meter.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    this.#onlevel(Math.min(1, Math.sqrt(power) * 4));
    requestAnimationFrame(() => this.#tellLevel(meter, samples));
  }
}

function type() {
  return TYPES.find((each) => MediaRecorder.isTypeSupported(each));
}

async function recordingOf(recorded) {
  if (!recorded.size) throw new RecordingError("Nothing was recorded.");
  const { kind, filename, blob } = await packed(recorded);
  const sound = await decoded(blob);
  const waveform = measureWaveform(sound.getChannelData(0), sound.sampleRate);
  return { kind, blob, filename, seconds: sound.length / sound.sampleRate, waveform };
}

async function packed(recorded) {
  if (recorded.type.startsWith("audio/mp4")) {
    const blob = new Blob([recorded], { type: "audio/mp4" });
    return { kind: "file", filename: "recording.m4a", blob };
  }
  const bytes = new Uint8Array(await recorded.arrayBuffer());
  const ogg = recorded.type.startsWith("audio/webm") ? rewrapped(bytes) : bytes;
  const blob = new Blob([ogg], { type: "audio/ogg" });
  return { kind: "voice", filename: "voice-message.ogg", blob };
}

function rewrapped(bytes) {
  const stream = readWebm(bytes);
  if (!stream.packets.length) throw new RecordingError("It was too short to hold any sound.");
  return writeOgg(stream);
}

async function decoded(blob) {
  const decoder = new OfflineAudioContext(1, 1, DECODED_HZ);
  try {
    return await decoder.decodeAudioData(await blob.arrayBuffer());
  } catch {
    throw new RecordingError("It was too short to hold any sound.");
  }
}
