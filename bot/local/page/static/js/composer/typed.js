/** Completing what is typed into the message box. */

import { icon } from "../icons.js";
import { loadCommands } from "../model/session.js";
import { state } from "../model/store.js";
import { avatar } from "../views/avatar.js";
import { complain } from "../toasts.js";
import { candidates, findTrigger, namedCommand } from "./completion.js";

const PICTURES = { role: "at", channel: "hash" };

/**
 * @param {HTMLTextAreaElement} area
 * @param {any} list
 * @param {(flat: any) => void} onCommand
 */
export function completing(area, list, onCommand) {
  function refresh() {
    const named = namedCommand(area.value);
    if (named) return onCommand(named);
    const trigger = document.activeElement === area && findTrigger(area.value, area.selectionStart);
    if (!trigger) return list.hide();
    if (trigger.kind === "/" && !state.commands.get(state.channelId)?.length) loadCommands().then(() => area.value.startsWith("/") && refresh()).catch(complain);
    list.show(area, candidates(trigger).map(trigger.kind === "/" ? commandItem : nameItem), (item) => take(trigger, item));
  }

  function take({ kind, from }, item) {
    if (kind === "/") return onCommand(item.flat);
    const after = area.value.slice(area.selectionStart);
    const before = `${area.value.slice(0, from)}${item.text} `;
    area.value = before + after.replace(/^ /, "");
    area.setSelectionRange(before.length, before.length);
    area.dispatchEvent(new InputEvent("input"));
  }

  area.addEventListener("input", refresh);
  area.addEventListener("click", refresh);
  area.addEventListener("blur", () => list.hide());
  return { refresh };
}

const commandItem = (flat) => ({ flat, label: `/${flat.path}`, detail: [flat.options.map((each) => (each.required ? each.name : `[${each.name}]`)).join(" "), flat.description].filter(Boolean).join(" · "), picture: icon("command") });

function nameItem({ kind, text, user, label }) {
  return { text, label: label ?? text, detail: kind === "role" ? "role" : user && text !== `@${user.username}` ? user.username : "", picture: user ? avatar(user, "avatar-small") : icon(PICTURES[kind]) };
}
