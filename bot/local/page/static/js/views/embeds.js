/** Embeds: framed notes with a title, fields and a footer. */

import { h } from "../dom.js";
import { heading } from "../time.js";
import { richText } from "./rich_text.js";

export const embeds = (list) => list.map(embed);

function embed({
  title,
  url,
  description,
  color,
  author,
  fields = [],
  footer,
  timestamp,
  image,
  thumbnail,
}) {
  const frame = h(
    "article",
    { class: "embed" },
    thumbnail && picture(thumbnail, "embed-thumbnail"),
    author && h("div", { class: "embed-author" }, linked(author.url, author.name)),
    title && h("div", { class: "embed-title" }, linked(url, richText(title))),
    description && h("div", { class: "embed-text markup" }, richText(description)),
    fields.length > 0 && h("dl", { class: "embed-fields" }, fields.map(field)),
    image && picture(image, "embed-image"),
    (footer || timestamp) &&
      h(
        "div",
        { class: "embed-footer" },
        [footer?.text, timestamp && heading(new Date(timestamp))].filter(Boolean).join(" · "),
      ),
  );
  if (color) frame.style.setProperty("--embed", `#${color.toString(16).padStart(6, "0")}`);
  return frame;
}

const field = ({ name, value, inline }) =>
  h(
    "div",
    { class: `embed-field ${inline ? "is-inline" : ""}` },
    h("dt", null, richText(name)),
    h("dd", { class: "markup" }, richText(value)),
  );

/** The policy of the page lets only its own pictures load; others stay links. */
function picture({ url, proxy_url: ours = url, description }, kind) {
  if (new URL(ours, location.href).origin !== location.origin) return linked(url, "picture");
  return h("img", { class: kind, src: ours, alt: description ?? "", loading: "lazy" });
}

function linked(url, text) {
  if (!url || !/^https?:/.test(url)) return text;
  return h(
    "a",
    { class: "md-link", href: url, target: "_blank", rel: "noopener noreferrer" },
    text,
  );
}
