/** The page of the demo: puts the views up, and begins. */

import { byId } from "./dom.js";
import "./views/servers.js";
import "./views/channels.js";
import "./views/people.js";
import "./views/topbar.js";
import "./views/status.js";
import "./views/drawers.js";
import "./views/room.js";
import "./views/modal.js";
import "./views/wire.js";
import { begin } from "./model/session.js";
import { complain } from "./toasts.js";

byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  (document.querySelector("#composer textarea") ?? byId("room")).focus();
});

begin().catch(complain);
