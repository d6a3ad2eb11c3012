/** Files of messages: voice bubbles, sounds, pictures, and cards to take them home. */

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { Flag } from "../model/kinds.js";
import { displayName } from "../model/names.js";
import { clock, size } from "../time.js";
import { cardPlayer, voicePlayer } from "../sound/player.js";

const PICTURES = /^image\/(png|jpeg|gif|webp)/;
const READABLE = /^text\/|\/json/;
const PREVIEW_BYTES = 3_000;
const PREVIEWED_BYTES = 256 * 1024;

/** Everything attached, but what the components of the message show themselves. */
export function attachments(message) {
  return message.flags & Flag.COMPONENTS_V2 ? [] : attachmentList(message);
}

export const attachmentList = (message) =>
  (message.attachments ?? []).map((each) => attachment(each, message));

/** @param {any} file @param {any} message */
export function attachment(file, message) {
  const type = file.content_type ?? "";
  if (message.flags & Flag.VOICE && file.waveform) return voice(file, message);
  if (type.startsWith("audio/")) return sound(file);
  if (PICTURES.test(type)) return picture(file);
  return card(file, READABLE.test(type) && file.size <= PREVIEWED_BYTES);
}

function voice({ url, duration_secs: seconds, waveform }, message) {
  const by = message.author ? ` of ${displayName(message.author)}` : "";
  return voicePlayer({ url, seconds, waveform, label: `Voice message${by}, ${clock(seconds)}` });
}

const sound = ({ url, filename, duration_secs: seconds }) =>
  cardPlayer({ url, filename, seconds, label: `Sound ${filename}` });

function picture({ url, filename, description }) {
  const image = h("img", {
    class: "picture",
    src: url,
    alt: description || filename,
    loading: "lazy",
  });
  return h(
    "a",
    {
      class: "picture-link",
      href: url,
      target: "_blank",
      rel: "noopener",
      "aria-label": `Open picture: ${description || filename}`,
    },
    image,
  );
}

function card({ url, filename, size: bytes, description }, previewed) {
  const name = h("a", { class: "file-name", href: url, download: filename }, filename);
  const save = h(
    "a",
    { class: "icon-button", href: url, download: filename, "aria-label": `Download ${filename}` },
    icon("download"),
  );
  const head = h(
    "div",
    { class: "file-head" },
    icon("file"),
    h(
      "div",
      { class: "file-about" },
      name,
      h("span", { class: "file-size" }, size(bytes), description && ` · ${description}`),
    ),
    save,
  );
  return h("div", { class: "file-card" }, head, previewed && preview(url, filename));
}

/** The beginning of a text file, read when it is opened. */
function preview(url, filename) {
  const text = h(
    "pre",
    { class: "file-text", tabindex: "0", "aria-label": `Text of ${filename}`, role: "group" },
    "…",
  );
  const read = async () => {
    const response = await fetch(url).catch(() => null);
    const whole = response?.ok ? await response.text() : "The file cannot be read.";
    text.textContent = whole.length > PREVIEW_BYTES ? `${whole.slice(0, PREVIEW_BYTES)}…` : whole;
  };
  return h(
    "details",
    { class: "file-preview", on: { toggle: ({ target }) => target.open && read() } },
    h("summary", null, "Show text"),
    text,
  );
}
