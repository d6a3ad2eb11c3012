/** The bar over the composer while a reply is written. */

import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { displayName } from "../model/names.js";
import { on, state } from "../model/store.js";
import { answer, togglePing } from "../model/writing.js";

export function replyBar() {
  const bar = h("div", { class: "reply-bar", role: "group", "aria-label": "Reply", hidden: true });
  const draw = () => {
    const hadFocus = bar.contains(document.activeElement);
    bar.hidden = !state.reply;
    fill(bar, state.reply && parts(state.reply));
    if (hadFocus) bar.querySelector(".ping")?.focus();
  };
  on("reply channel me", draw);
  return bar;
}

function parts({ message, ping }) {
  const own = message.author.id === state.me;
  return [
    h(
      "span",
      { class: "reply-bar-text" },
      "Replying to ",
      h("strong", null, displayName(message.author)),
    ),
    !own &&
      h(
        "button",
        {
          type: "button",
          class: "ping",
          "aria-pressed": String(ping),
          "aria-label": `Ping the author: ${ping ? "On" : "Off"}`,
          title: ping ? "The author is pinged" : "The author is not pinged",
          on: { click: togglePing },
        },
        icon("at"),
        ping ? "On" : "Off",
      ),
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": "Cancel reply",
        on: { click: () => (answer(null), document.querySelector("#composer textarea")?.focus()) },
      },
      icon("close"),
    ),
  ];
}
