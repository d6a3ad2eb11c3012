/** Modals that the application opens: its inputs in a dialog, sent back as Discord does. */

import { field, openDialog } from "../dialogs.js";
import { h } from "../dom.js";
import { submitModal } from "../model/interactions.js";
import { on } from "../model/store.js";
import { trying } from "../toasts.js";
import { choicesOf } from "./choices.js";
import { richText } from "./rich_text.js";

const ROW = 1,
  STRINGS = 3,
  TEXT_INPUT = 4,
  TEXT = 10,
  LABEL = 18;
const MENUS = new Set([3, 5, 6, 7, 8]);
const PARAGRAPH = 2;

on("modal", trying(openModal));

async function openModal(modal) {
  const parts = modal.components.map(part);
  await openDialog({
    title: modal.title,
    action: "Submit",
    body: parts.map((each) => each.element),
    check: () => submitModal(modal, parts.map((each) => each.read()).filter(Boolean)),
  });
}

/** @returns {{element: any, read: () => any}} */
function part(component) {
  if (component.type === ROW) return row(component);
  if (component.type === LABEL) return labelled(component);
  if (component.type === TEXT)
    return {
      element: h("div", { class: "markup" }, richText(component.content)),
      read: () => null,
    };
  return { element: null, read: () => null };
}

function row({ id, components: [inner] }) {
  const { control, read } = input(inner);
  const element = field(inner.label ?? inner.placeholder ?? "Answer", control, {
    required: inner.required ?? true,
  });
  return { element, read: () => ({ type: ROW, id, components: [read()] }) };
}

function labelled({ id, label, description, component }) {
  const { control, read } = input(component);
  const element = field(label, control, {
    hint: description,
    required: component.required ?? true,
  });
  return { element, read: () => ({ type: LABEL, id, component: read() }) };
}

function input(component) {
  if (component.type === TEXT_INPUT) return textInput(component);
  if (MENUS.has(component.type)) return select(component);
  const control = h("output", null, "This kind of input is not shown here.");
  return {
    control,
    read: () => ({ type: component.type, id: component.id, custom_id: component.custom_id }),
  };
}

function textInput({
  type,
  id,
  custom_id,
  style,
  required = true,
  min_length: minlength,
  max_length: maxlength,
  placeholder,
  value,
}) {
  const props = {
    class: "input",
    required,
    minlength,
    maxlength,
    placeholder,
    value: value ?? "",
    autocomplete: "off",
  };
  const control =
    style === PARAGRAPH
      ? h("textarea", { ...props, rows: "4" })
      : h("input", { ...props, type: "text" });
  return { control, read: () => ({ type, id, custom_id, value: control.value }) };
}

function select(component) {
  const {
    type,
    id,
    custom_id,
    required = true,
    min_values: least = 1,
    max_values: most = 1,
    placeholder,
  } = component;
  const options = choicesOf(component).map((each) => {
    const option = h("option", { value: each.value }, each.label);
    option.selected = Boolean(each.chosen);
    return option;
  });
  const none =
    most === 1 &&
    !options.some((each) => each.selected) &&
    h("option", { value: "" }, placeholder || (type === STRINGS ? "Choose" : "Nobody and nothing"));
  const control = h(
    "select",
    {
      class: "input",
      multiple: most > 1,
      required: required && least > 0,
      size: most > 1 ? Math.min(6, options.length) : null,
    },
    none,
    options,
  );
  const values = () => [...control.selectedOptions].map((each) => each.value).filter(Boolean);
  return { control, read: () => ({ type, id, custom_id, values: values() }) };
}
