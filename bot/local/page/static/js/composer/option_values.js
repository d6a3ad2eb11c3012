/** What the options of slash commands take. */

import { Option } from "../model/kinds.js";
import { people, roles, rooms } from "../views/choices.js";

/** An option that is wrong or missing, in a sentence. */
export class Unfilled extends Error {
  /** @param {import("./command_field.js").CommandField} field @param {string} sentence */
  constructor(field, sentence) {
    super(sentence);
    this.field = field;
  }
}

export const NUMBERS = new Set([Option.INTEGER, Option.NUMBER]);

const LISTED = {
  [Option.USER]: people,
  [Option.ROLE]: roles,
  [Option.MENTIONABLE]: () => [...people(), ...roles()],
  [Option.CHANNEL]: (option) => rooms(option.channel_types),
  [Option.BOOLEAN]: () => [
    { value: true, label: "True" },
    { value: false, label: "False" },
  ],
};

/**
 * All that an option takes; null when it takes other things too.
 * @returns {{label: string, value: any, description?: string}[]|null}
 */
export function choicesFor(option) {
  if (option.type in LISTED) return LISTED[option.type](option);
  return option.choices?.map(({ name, value }) => ({ label: name, value })) ?? null;
}

/** Read a number within the option's bounds, or throw what `wrong` makes of the reason. */
export function readNumber(option, text, wrong) {
  const value = Number(text.replace(",", "."));
  const { min_value: least = -Infinity, max_value: most = Infinity } = option;
  const isFraction = option.type === Option.INTEGER && !Number.isInteger(value);
  if (Number.isNaN(value) || isFraction)
    throw wrong(isFraction ? "takes a whole number" : "takes a number");
  if (value < least || value > most) throw wrong(`must be from ${least} to ${most}`);
  return value;
}
