/** What can stand within a line: each rule tells how it begins, its pattern, and the node it makes. */

const style = (type) => (found, inner) => ({ type, children: inner(found[1]) });

/** @type {{starts: string, pattern: RegExp, read: (found: RegExpExecArray, inner: (text: string) => any[], before?: string) => any}[]} */
export const INLINE = [
  {
    starts: "\\",
    pattern: /\\([^0-9A-Za-z\s])/y,
    read: (found) => ({ type: "text", text: found[1] }),
  },
  { starts: "\n", pattern: /\n/y, read: () => ({ type: "break" }) },
  { starts: "`", pattern: /``(?!`)\s?([\s\S]*?[^`])\s?``(?!`)/y, read: code },
  { starts: "`", pattern: /`(?!`)([^`]+)`(?!`)/y, read: code },
  { starts: "<", pattern: /<@!?(\d{15,21})>/y, read: (found) => ({ type: "user", id: found[1] }) },
  { starts: "<", pattern: /<@&(\d{15,21})>/y, read: (found) => ({ type: "role", id: found[1] }) },
  { starts: "<", pattern: /<#(\d{15,21})>/y, read: (found) => ({ type: "channel", id: found[1] }) },
  {
    starts: "<",
    pattern: /<\/([^:<>\n]{1,100}):(\d{15,21})>/y,
    read: (found) => ({ type: "command", text: found[1] }),
  },
  {
    starts: "<",
    pattern: /<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y,
    read: (found) => ({ type: "time", at: Number(found[1]) * 1000, style: found[2] ?? "f" }),
  },
  {
    starts: "<",
    pattern: /<a?:(\w{2,32}):\d{15,21}>/y,
    read: (found) => ({ type: "emoji", text: `:${found[1]}:` }),
  },
  { starts: "<", pattern: /<(https?:\/\/[^\s<>]+)>/y, read: (found) => link(found[1]) },
  {
    starts: "@",
    pattern: /@(?:everyone|here)\b/y,
    read: (found) => ({ type: "everyone", text: found[0] }),
  },
  {
    starts: "[",
    pattern:
      /\[((?:[^[\]\n]|\[[^[\]\n]*\])+)\]\(\s*<?(https?:\/\/[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"([^"\n]*)")?\s*\)/y,
    read: masked,
  },
  { starts: "h", pattern: /https?:\/\/[^\s<]+[^<.,:;"'\]\s]/y, read: bare },
  { starts: "|", pattern: /\|\|([\s\S]+?)\|\|/y, read: style("spoiler") },
  { starts: "*", pattern: /\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/y, read: style("bold") },
  { starts: "_", pattern: /__((?:\\[\s\S]|[^\\])+?)__(?!_)/y, read: style("underline") },
  {
    starts: "*",
    pattern: /\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/y,
    read: style("italic"),
  },
  {
    starts: "_",
    pattern: /_((?:__|\\[\s\S]|[^\\_])+?)_(?![\w])/y,
    read: (found, inner, before) => !/\w/.test(before ?? "") && style("italic")(found, inner),
  },
  { starts: "~", pattern: /~~([\s\S]+?)~~(?!~)/y, read: style("strike") },
];

function code(found) {
  return { type: "code", text: found[1] };
}

/** An address as it stands; brackets that it does not open do not belong to it. */
function bare(found, _inner, before) {
  if (/\w/.test(before ?? "")) return null;
  let url = found[0];
  while (url.endsWith(")") && url.split(")").length > url.split("(").length) url = url.slice(0, -1);
  const node = link(url);
  return node && { ...node, taken: url.length };
}

function link(url) {
  return URL.canParse(url) ? { type: "link", url, children: [{ type: "text", text: url }] } : null;
}

function masked(found, inner) {
  const node = link(found[2]);
  // A mask that is itself an address lies about where it leads.
  if (!node || /https?:\/\//i.test(found[1])) return null;
  return { ...node, title: found[3], masked: true, children: inner(found[1]) };
}
