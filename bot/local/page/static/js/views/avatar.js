/** Round pictures made of letters and a colour. */

import { h } from "../dom.js";
import { displayName, hueOf, initials } from "../model/names.js";

/** @param {any} user */
export const avatar = (user, kind = "") =>
  badge(user.id, initials(displayName(user)), `avatar ${kind}`);

/** Letters on the colour that goes with an id. */
export const badge = (id, letters, kind) =>
  h("span", { class: kind, "data-hue": hueOf(id), "aria-hidden": "true" }, letters);

/** The tag of applications. */
export const appTag = (user) => user.bot && h("span", { class: "tag" }, "APP");
