/** Building and updating DOM nodes; data never becomes markup. */

/**
 * Make an element. `class`, `on` (listeners), `dataset` and `style` (custom properties) are special;
 * null, undefined and false leave an attribute out.
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...(Node|string|number|null|undefined|false|any[])} children
 * @returns {any}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) set(element, name, value);
  append(element, children);
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") element.className = value;
  else if (name === "on")
    for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
  else if (name === "dataset") Object.assign(element.dataset, value);
  else if (name === "style")
    for (const [key, each] of Object.entries(value)) element.style.setProperty(key, String(each));
  else if (name === "value") element.value = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false)
      element.append(child instanceof Node ? child : String(child));
  }
}

/** Put these children in place of the present ones. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** Text that only screen readers get. */
export const hidden = (text) => h("span", { class: "sr-only" }, text);

/**
 * Make `parent` show `items`, in their order. Elements stay as they are while their key stays:
 * nothing that plays is moved or made anew.
 * @template T
 * @param {any} parent
 * @param {T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => any} create
 * @param {(element: any, item: T) => void} [update]
 */
export function reconcile(parent, items, keyOf, create, update = () => {}) {
  const shown = (parent.shownByKey ??= new Map());
  const wanted = new Set(items.map(keyOf));
  for (const [key, element] of shown) {
    if (!wanted.has(key)) {
      element.remove();
      shown.delete(key);
    }
  }
  let next = parent.firstChild;
  for (const item of items) {
    const key = keyOf(item);
    let element = shown.get(key);
    if (!element) shown.set(key, (element = create(item)));
    update(element, item);
    if (element === next) next = next.nextSibling;
    else parent.insertBefore(element, next);
  }
}

/** Replace the content of `slot` only when what it is made from has changed. */
export function refresh(slot, from, make) {
  const signature = JSON.stringify(from) ?? "";
  if (slot.signature === signature) return;
  slot.signature = signature;
  fill(slot, make());
}

/** @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

let lastId = 0;
/** An id for an element that another one points to. */
export const freshId = (prefix) => `${prefix}-${++lastId}`;
