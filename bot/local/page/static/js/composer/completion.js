/** What could complete the word being typed: people, roles, rooms, commands. */

import { flatCommands } from "../model/names.js";
import { state } from "../model/store.js";
import { nameable } from "./mentions.js";

const MOST = 10;

/**
 * @typedef {{from: number, kind: "@"|"#"|"/", query: string}} Trigger
 * @param {string} text
 * @param {number} caret
 * @returns {Trigger|null}
 */
export function findTrigger(text, caret) {
  const before = text.slice(0, caret);
  const command = /^\/([\w -]{0,60})$/.exec(before);
  if (command && caret === text.length)
    return { from: 0, kind: "/", query: command[1].toLowerCase() };
  const word = /(?:^|[\s(])([@#])([\p{L}\p{N}_.-]{0,32})$/u.exec(before);
  return (
    word && {
      from: caret - word[2].length - 1,
      kind: /** @type {"@"|"#"} */ (word[1]),
      query: word[2].toLowerCase(),
    }
  );
}

/** @param {Trigger} trigger */
export function candidates({ kind, query }) {
  if (kind === "/") return commandsLike(query);
  const kinds = kind === "@" ? ["user", "role"] : ["channel"];
  const fitting = nameable().filter((each) => kinds.includes(each.kind) && matches(each, query));
  const rank = ({ text, user }) =>
    Number(!text.slice(1).toLowerCase().startsWith(query)) + (user ? 0 : 0.5);
  return fitting.sort((one, other) => rank(one) - rank(other)).slice(0, MOST);
}

const matches = ({ text, user }, query) =>
  text.slice(1).toLowerCase().includes(query) ||
  Boolean(user?.username.toLowerCase().includes(query));

/** Commands whose name begins with, or else contains, what was typed. */
export function commandsLike(query) {
  const typed = query.trimEnd();
  const all = flatCommands(state.commands.get(state.channelId) ?? []);
  const rank = ({ path }) => Number(!path.startsWith(typed));
  return all
    .filter(({ path }) => path.includes(typed))
    .sort((one, other) => rank(one) - rank(other))
    .slice(0, MOST * 2);
}

/** The command that a text names fully, with the space after it. */
export function namedCommand(text) {
  const found = /^\/([\w -]+) $/.exec(text);
  return (
    found &&
    commandsLike(found[1].toLowerCase()).find(
      ({ path }) => path === found[1].toLowerCase().trimEnd(),
    )
  );
}
