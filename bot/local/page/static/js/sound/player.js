/** Players for the sounds in messages: the bubble of a voice message, the line of a sound file. */

import { Playback } from "./playback.js";
import { seekSlider } from "./seek.js";
import { clock, create, icon, progress, setLabel, write } from "./parts.js";
import { drawWaveform } from "./waveform.js";

/**
 * Make the bubble of a voice message.
 * @param {object} sound
 * @param {string} sound.url
 * @param {number} sound.seconds
 * @param {string} sound.waveform base64, as it came with the message
 * @param {string} sound.label what a screen reader calls it: "Voice message of Ada, 0:12"
 * @returns {HTMLElement}
 */
export function voicePlayer({ url, seconds, waveform, label }) {
  const playback = new Playback(url, seconds);
  const bubble = framed("voice-player", label, playback);
  bubble.append(
    playButton(playback),
    seekSlider(playback, drawWaveform(waveform)),
    timeOf(playback),
    speedButton(playback),
  );
  return bubble;
}

/**
 * Make the line of a sound file: played in place, or taken home.
 * @param {object} sound
 * @param {string} sound.url
 * @param {string} sound.filename
 * @param {number | null} [sound.seconds] null or nothing: the file itself tells
 * @param {string} sound.label
 * @returns {HTMLElement}
 */
export function cardPlayer({ url, filename, seconds = null, label }) {
  const playback = new Playback(url, seconds);
  const card = framed("card-player", label, playback);
  card.append(
    playButton(playback),
    create("span", { class: "sound-name", title: filename }, filename),
    seekSlider(playback, create("span", { class: "track" })),
    timeOf(playback),
    speedButton(playback),
    downloadLink(url, filename),
  );
  return card;
}

function framed(kind, label, playback) {
  const frame = create("div", { class: `sound-player ${kind}`, role: "group", "aria-label": label });
  frame.setAttribute("aria-live", "off"); // in a log, the running time would be read out
  playback.boundTo(frame);
  whenChanged(playback, () => {
    frame.dataset.state = stateOf(playback);
  });
  return frame;
}

function stateOf(playback) {
  if (playback.hasFailed) return "failed";
  return playback.isPlaying ? "playing" : "paused";
}

function playButton(playback) {
  const button = create("button", { class: "sound-play", type: "button" });
  button.append(icon("play"), icon("pause"));
  button.addEventListener("click", () => playback.toggle());
  whenChanged(playback, () => {
    setLabel(button, playback.isPlaying ? "Pause" : "Play");
  });
  return button;
}

function timeOf(playback) {
  const time = create("span", { class: "sound-time" });
  whenChanged(playback, () => {
    write(time, playback.hasFailed ? "cannot be played" : timeText(playback));
  });
  return time;
}

function timeText(playback) {
  if (!playback.length) return "";
  const [now, all] = progress(playback).map(clock);
  return playback.position || playback.isPlaying ? `${now} / ${all}` : all;
}

function speedButton(playback) {
  const button = create("button", { class: "sound-speed", type: "button" });
  button.addEventListener("click", () => playback.nextSpeed());
  whenChanged(playback, () => {
    write(button, `${playback.speed}×`);
    setLabel(button, `Speed ${playback.speed}×`);
  });
  return button;
}

function downloadLink(url, filename) {
  const link = create("a", { class: "sound-download", href: url, download: filename });
  setLabel(link, `Download ${filename}`);
  link.append(icon("download"));
  return link;
}

/** Run now and at every change. */
function whenChanged(playback, update) {
  update();
  playback.addEventListener("change", update);
}
