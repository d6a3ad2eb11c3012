/** Going to a message that is shown further up. */

import { loadOlder } from "../model/session.js";
import { log } from "../model/store.js";
import { complain } from "../toasts.js";

const MOST_PAGES = 10;

/** Scroll to a message, fetching history until it is there. */
export async function jumpTo(messageId) {
  try {
    for (let page = 0; !itemOf(messageId) && !log()?.complete && page < MOST_PAGES; page++)
      await loadOlder();
  } catch (error) {
    complain(error);
  }
  const item = itemOf(messageId);
  if (!item) return;
  item.scrollIntoView({
    block: "center",
    behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
  });
  item.focus({ preventScroll: true });
  item.classList.remove("is-found");
  requestAnimationFrame(() => item.classList.add("is-found"));
}

export const itemOf = (messageId) =>
  document.querySelector(`[data-message-id="${CSS.escape(messageId)}"]`);
