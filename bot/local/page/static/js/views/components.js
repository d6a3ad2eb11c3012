/** Components of messages: rows, buttons, menus, and the newer texts and containers. */

import { h, hidden } from "../dom.js";
import { icon } from "../icons.js";
import { pressComponent } from "../model/interactions.js";
import { state } from "../model/store.js";
import { trying } from "../toasts.js";
import { attachment } from "./attachments.js";
import { choicesOf } from "./choices.js";
import { Chooser } from "./chooser.js";
import { richText } from "./rich_text.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "primary" };
const LINK = 5;

const KINDS = {
  1: (part, message) =>
    h(
      "div",
      { class: "component-row" },
      part.components.map((each) => component(each, message)),
    ),
  2: button,
  3: menu,
  5: menu,
  6: menu,
  7: menu,
  8: menu,
  9: section,
  10: ({ content }) => h("div", { class: "markup" }, richText(content)),
  11: ({ media, description }, message) => picture(media, description, message),
  12: ({ items }, message) =>
    h(
      "div",
      { class: "gallery" },
      items.map(({ media, description }) => picture(media, description, message)),
    ),
  13: ({ file }, message) => named(file?.url, message),
  14: ({ divider = true, spacing = 1 }) =>
    h("div", {
      class: `separator separator-${spacing} ${divider ? "is-line" : ""}`,
      role: "presentation",
    }),
  17: container,
};

export const components = (message) =>
  (message.components ?? []).map((each) => component(each, message));

const component = (part, message) => KINDS[part.type]?.(part, message);

function button(part, message) {
  const label = [
    part.emoji?.name && h("span", { "aria-hidden": "true" }, part.emoji.name),
    part.label,
  ];
  if (part.style === LINK)
    return h(
      "a",
      {
        class: "button button-link",
        href: safe(part.url),
        target: "_blank",
        rel: "noopener noreferrer",
      },
      label,
      icon("link"),
      hidden(" (opens elsewhere)"),
    );
  const waiting = isWaiting(message, part);
  const press = trying(() => pressComponent(message, part));
  const props = {
    type: "button",
    class: `button button-${STYLES[part.style] ?? "secondary"} ${waiting ? "is-waiting" : ""}`,
    disabled: part.disabled || waiting,
    "aria-busy": waiting ? "true" : null,
  };
  return h(
    "button",
    { ...props, "aria-label": part.label ? null : part.emoji?.name, on: { click: press } },
    label,
  );
}

const safe = (url) => (/^(https?|discord):/.test(url ?? "") ? url : null);

const isWaiting = (message, { custom_id: id }) =>
  [...state.pending.values()].some(
    (each) => each.messageId === message.id && each.customId === id && !each.error,
  );

function menu(part, message) {
  const options = choicesOf(part);
  const chooser = new Chooser({
    label: part.placeholder || "Make a selection",
    options,
    selected: options.filter((each) => each.chosen).map((each) => each.value),
    least: part.min_values ?? 1,
    most: part.max_values ?? 1,
    disabled: part.disabled || isWaiting(message, part),
    onChoose: trying((values) => pressComponent(message, part, values)),
  });
  return chooser.element;
}

function section(part, message) {
  return h(
    "div",
    { class: "section" },
    h(
      "div",
      { class: "section-text" },
      part.components.map((each) => component(each, message)),
    ),
    part.accessory && component(part.accessory, message),
  );
}

function container(part, message) {
  const inner = part.components.map((each) => component(each, message));
  const frame = part.spoiler
    ? h("details", { class: "container" }, h("summary", null, "Spoiler"), inner)
    : h("div", { class: "container" }, inner);
  if (part.accent_color !== null && part.accent_color !== undefined)
    frame.style.setProperty("--embed", `#${part.accent_color.toString(16).padStart(6, "0")}`);
  return frame;
}

function picture(media, description, message) {
  const file = fileOf(media?.url, message);
  if (file) return attachment(file, message);
  return (
    safe(media?.url) &&
    h(
      "a",
      { class: "md-link", href: media.url, target: "_blank", rel: "noopener noreferrer" },
      description || media.url,
    )
  );
}

const named = (url, message) => {
  const file = fileOf(url, message);
  return file && attachment(file, message);
};

/** A file of the message that a component names, by `attachment://` or by its address. */
function fileOf(url = "", message) {
  const name = url.replace("attachment://", "");
  return message.attachments?.find((each) => each.filename === name || each.url === url);
}
