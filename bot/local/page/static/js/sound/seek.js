/** The slider that shows how far a sound was played, and goes elsewhere in it. */

import { clock, create, progress, setAttribute } from "./parts.js";

const STEP_S = 1;
const LEAP_S = 5;

/**
 * Lay a slider over a picture of the sound; the picture reads how much was played (0 to 1)
 * from the slider's CSS variable `--played`.
 * @param {import("./playback.js").Playback} playback
 * @param {Element} picture
 * @returns {HTMLElement}
 */
export function seekSlider(playback, picture) {
  const slider = create("div", {
    class: "sound-seek", role: "slider", tabindex: "0", "aria-label": "Seek", "aria-valuemin": "0",
  });
  slider.append(picture);
  slider.addEventListener("keydown", (event) => onKey(event, playback));
  followPointer(slider, playback);
  playback.addEventListener("change", () => show(slider, playback));
  show(slider, playback);
  return slider;
}

function show(slider, playback) {
  const { position, length } = playback;
  const [now, most] = progress(playback);
  slider.style.setProperty("--played", length ? position / length : 0);
  setAttribute(slider, "aria-valuemax", most);
  setAttribute(slider, "aria-valuenow", now);
  setAttribute(slider, "aria-valuetext", `${clock(now)} of ${clock(most)}`);
}

function onKey(event, playback) {
  const target = targetOf(event.key, playback);
  if (target === null || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  playback.seek(target);
}

function targetOf(key, { position, length }) {
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return position + STEP_S;
    case "ArrowLeft":
    case "ArrowDown":
      return position - STEP_S;
    case "PageUp":
      return position + LEAP_S;
    case "PageDown":
      return position - LEAP_S;
    case "Home":
      return 0;
    case "End":
      return length;
    default:
      return null;
  }
}

function followPointer(slider, playback) {
  const seek = (event) => {
    const { left, width } = slider.getBoundingClientRect();
    playback.seek(((event.clientX - left) / width) * playback.length);
  };
  slider.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    slider.setPointerCapture(event.pointerId);
    seek(event);
  });
  slider.addEventListener("pointermove", (event) => {
    if (slider.hasPointerCapture(event.pointerId)) seek(event);
  });
}
