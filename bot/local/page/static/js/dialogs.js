/** Dialogs: a question, a form. The browser keeps focus inside and gives it back. */

import { byId, fill, freshId, h } from "./dom.js";
import { icon } from "./icons.js";

/**
 * Show a dialog with a form; resolves with what `read` gives when it is sent, else null.
 * @template T
 * @param {{title: string, body: any, action: string, danger?: boolean, read?: () => T, check?: () => Promise<void>}} content
 * @returns {Promise<T|true|null>}
 */
export function openDialog({
  title,
  body,
  action,
  danger,
  read = () => true,
  check = async () => {},
}) {
  const id = freshId("title");
  const problem = h("p", { class: "dialog-problem", role: "alert" });
  const close = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": "Close",
      on: { click: () => dialog.close() },
    },
    icon("close"),
  );
  const cancel = h(
    "button",
    { type: "button", class: "button button-quiet", on: { click: () => dialog.close() } },
    "Cancel",
  );
  const submit = h(
    "button",
    { type: "submit", class: `button ${danger ? "button-danger" : "button-primary"}` },
    action,
  );
  const form = h(
    "form",
    { class: "dialog-form" },
    h("div", { class: "dialog-head" }, h("h2", { id }, title), close),
    h("div", { class: "dialog-body" }, body, problem),
    h("div", { class: "dialog-foot" }, cancel, submit),
  );
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": id }, form);
  byId("popups").append(dialog);
  return new Promise((resolve) => {
    let result = null;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      submit.disabled = true;
      try {
        await check();
        result = read();
        dialog.close();
      } catch (error) {
        fill(problem, error.message);
      } finally {
        submit.disabled = false;
      }
    });
    dialog.addEventListener("close", () => (dialog.remove(), resolve(result)));
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    (form.querySelector(".dialog-body :is(input, textarea, select)") ?? cancel).setAttribute(
      "autofocus",
      "",
    );
    dialog.showModal();
  });
}

/** A label over a control. */
export function field(label, control, { hint, required } = {}) {
  const id = control.id || freshId("field");
  control.id = id;
  const hintId = hint && `${id}-hint`;
  if (hintId) control.setAttribute("aria-describedby", hintId);
  const mark = required && h("span", { class: "required", "aria-hidden": "true" }, " *");
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label, mark),
    hint && h("p", { class: "hint", id: hintId }, hint),
    control,
  );
}

/** Ask for one line of text. */
export function ask({ title, label, value = "", most, action }) {
  const input = h("input", {
    type: "text",
    class: "input",
    value,
    maxlength: most,
    required: true,
    autocomplete: "off",
  });
  queueMicrotask(() => input.select());
  return openDialog({ title, action, body: field(label, input), read: () => input.value.trim() });
}

export const confirm = ({ title, text, action }) =>
  openDialog({ title, action, danger: true, body: h("p", null, text) });
