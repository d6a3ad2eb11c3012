/** Narrow windows: rooms and the wire panel slide in over the conversation. */

import { byId } from "../dom.js";
import { emit, on, state } from "../model/store.js";

const narrow = matchMedia("(max-width: 760px)");
const app = byId("app");

/** Show or hide the list of rooms. */
export function toggleRooms(shown = !app.classList.contains("shows-rooms")) {
  app.classList.toggle("shows-rooms", shown);
  cover();
  if (shown && narrow.matches) byId("channels").querySelector("[aria-current], a")?.focus();
}

/** Close what lies over the conversation. */
export function closeDrawers() {
  app.classList.remove("shows-rooms");
  if (narrow.matches && state.wire.open) {
    state.wire.open = false;
    emit("wire");
  }
  cover();
}

/** What is covered or slid out takes no focus. */
function cover() {
  const rooms = narrow.matches && app.classList.contains("shows-rooms");
  const wire = narrow.matches && state.wire.open;
  byId("scrim").hidden = !rooms && !wire;
  byId("drawer").inert = narrow.matches && !rooms;
  byId("main").inert = rooms || wire;
}

byId("scrim").addEventListener("click", closeDrawers);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !byId("scrim").hidden) closeDrawers();
});
narrow.addEventListener("change", cover);
on("wire", cover);
on("me channel", closeDrawersIfNarrow);
cover();

function closeDrawersIfNarrow() {
  if (app.classList.contains("shows-rooms")) closeDrawers();
}
