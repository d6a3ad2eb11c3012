/** Short notes that come and go: what was refused, and why. */

import { byId, h } from "./dom.js";
import { icon } from "./icons.js";

const SHOWN_MS = 7_000;

/** @param {string} text @param {"error"|"note"} kind */
export function toast(text, kind = "note") {
  const close = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": "Dismiss",
      on: { click: () => note.remove() },
    },
    icon("close"),
  );
  const note = h(
    "div",
    { class: `toast toast-${kind}` },
    kind === "error" && icon("alert"),
    h("p", null, text),
    close,
  );
  byId("toasts").append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}

/** Show an error in words. */
export function complain(error) {
  if (error?.name === "AbortError") return;
  if (error?.status === 401)
    return toast("This session has ended. Open the address that the demo has printed.", "error");
  toast(
    error instanceof TypeError && /fetch/i.test(error.message)
      ? "The server cannot be reached."
      : error.message,
    "error",
  );
}

/** Call what may be refused, from a listener. */
export const trying =
  (action) =>
  (...args) =>
    Promise.resolve()
      .then(() => action(...args))
      .catch(complain);
