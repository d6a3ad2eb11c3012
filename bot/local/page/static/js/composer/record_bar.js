/** What stands in the composer while one records: how long, how loud, and a way out. */

import { fill, h } from "../dom.js";
import { clock } from "../time.js";

const BARS = 40;
const LEVEL_EVERY_MS = 70;
const TICK_MS = 200;

export class RecordBar {
  #time = h("span", { class: "record-time", role: "timer", "aria-label": "Recorded" }, "0:00");
  #meter = h(
    "span",
    { class: "meter", "aria-hidden": "true" },
    Array.from({ length: BARS }, () => h("i")),
  );
  #hint = h("span", { class: "record-hint" });
  #ticking = 0;
  #levels = { count: 0, shownAt: 0 };

  /** @param {() => void} onCancel */
  constructor(onCancel) {
    const cancel = h(
      "button",
      { type: "button", class: "button button-small", on: { click: onCancel } },
      "Cancel",
    );
    const dot = h("span", { class: "record-dot", "aria-hidden": "true" });
    this.element = h(
      "div",
      { class: "record-bar", hidden: true },
      dot,
      this.#time,
      this.#meter,
      this.#hint,
      cancel,
    );
  }

  /** @param {boolean} shown @param {string} hint */
  show(shown, hint) {
    clearInterval(this.#ticking);
    this.element.hidden = !shown;
    this.#time.textContent = "0:00";
    fill(this.#hint, hint);
  }

  /** Count from now on: the microphone is open. */
  begin() {
    if (this.element.hidden) return;
    const begunAt = Date.now();
    this.#ticking = setInterval(() => {
      this.#time.textContent = clock((Date.now() - begunAt) / 1000);
    }, TICK_MS);
  }

  /** @param {number} level 0 to 1 */
  showLevel(level) {
    const now = performance.now();
    if (now - this.#levels.shownAt < LEVEL_EVERY_MS) return;
    this.#levels.shownAt = now;
    const bar = this.#meter.children[this.#levels.count++ % BARS];
    bar.style.setProperty("--level", level.toFixed(2));
  }
}
