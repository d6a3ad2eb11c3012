"""Text for Discord: cut into messages, made safe to post, names on one line.

How text is made inert: a space is put where it breaks the syntax, so that every word stays
readable. A masked link `[click](https://evil.example/x)` becomes
`[click] (https://evil.example/x)`: the link is clickable under its own name only.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

MESSAGE_UNITS = 2000
"""The most a message of a bot may hold, in UTF-16 code units (Discord does not say which)."""

NAME_CHARACTERS = 80

_FENCE = "```"
_CLOSED = "\n" + _FENCE
_ZERO_WIDTH_JOINERS = "\u200c\u200d"

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters but tab and line ends
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\ud800-\udfff]"  # halves of characters, which cannot be sent
)
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_STRAY_JOINERS = re.compile(
    f"(?<![^\x00-\x7f{_ZERO_WIDTH_JOINERS}])[{_ZERO_WIDTH_JOINERS}]"
    f"|[{_ZERO_WIDTH_JOINERS}](?![^\x00-\x7f{_ZERO_WIDTH_JOINERS}])"
)
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED_MARKS = re.compile(f"({_MARKS}{{4}}){_MARKS}+")

_INERT = (
    # First, for its colons may make an address of what stands before them.
    (re.compile(r"(?<!<)(?<!<a)<a?:(\w{2,32}):\d{1,20}>"), r":\1:"),
    (re.compile(r"\]\((?=\s*(?:<\s*)?(?:\\|//|[a-z][a-z0-9+.-]{0,31}:))", re.I), "] ("),
    (re.compile(r"(https?://)[^\s/?#<>]*@", re.I), r"\1"),  # https://bank.example@evil.example
    (re.compile(r"<@(?=[!&]?\d)"), "< @"),
    (re.compile(r"@(?=everyone|here)", re.I), "@ "),
    (re.compile(r"\b(discord(?:app)?\.com/invite|discord\.gg|dsc\.gg|discord\.me)/(?=\w)", re.I),
     r"\1 /"),
)  # fmt: skip

_CODE = re.compile(r"\\[^0-9A-Za-z\s]|```|(?<!`)(`{1,2})(?!`)[^`\n]+\1(?!`)")
_BLOCK_STARTS = (
    re.compile(r"```([a-z0-9_+\-.#]{1,32})\n\n*[^\n]", re.I),
    re.compile(r"```()\n*[^\n]"),
)
_MARKUP = re.compile(r"[\[*_~|<>#`\\]|://|^[ \t]*(?:[-+]|\d{1,9}[.)])", re.M)

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*\s|[。！？]")  # noqa: RUF001 - meant
_BREAKS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), _SENTENCE_END, re.compile(r"\s"))
_GLUED = re.compile(f"{_MARKS}|[{_ZERO_WIDTH_JOINERS}\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")


def safe_text(text: str) -> str:
    """Make the model's text safe to post: it pings nobody, hides no address, and shows all it is.

    Code stays as it is, but for invisible characters. After markup that may swallow a backtick
    (bold, quotes, links, lists) Discord and we could differ about what is code; from there on
    code is treated like all other text.
    """
    return "".join(_inert_but_code(_visible(text))).strip()


def shown_name(name: str) -> str:
    """Clean the name of a member or a file for prompts and messages: one line, not too long.

    Square brackets and backticks, by which we set names apart, become round brackets and quotes.
    """
    line = " ".join(_visible(name).split())
    line = _inert(line.translate(str.maketrans("[]`", "()'")))
    if len(line) > NAME_CHARACTERS:
        line = line[: NAME_CHARACTERS - 1].rstrip() + "…"
    return line or "(no name)"


def split_message(text: str, limit: int = MESSAGE_UNITS) -> list[str]:
    """Cut text into messages: between paragraphs, lines, sentences or words, in this order.

    A code block that does not fit into one message is closed and opened again.

    Args:
        text: what to post; blank text gives no message.
        limit: the most a message may hold, in UTF-16 code units; at least 64.

    """
    splitter = _Splitter(text, limit)
    return [page for page in splitter.pages() if page.strip()]


def _visible(text: str) -> str:
    lines = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    return _STACKED_MARKS.sub(r"\1", _STRAY_JOINERS.sub("", lines))


def _inert(text: str) -> str:
    for pattern, replacement in _INERT:
        text = pattern.sub(replacement, text)
    return text


def _inert_but_code(text: str) -> Iterator[str]:
    done = 0
    for start, end in _code_spans(text):
        if _MARKUP.search(text, done, start):
            break
        yield _inert(text[done:start])
        yield text[start:end]
        done = end
    yield _inert(text[done:])


def _code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Find inline code and code blocks, the way Discord does."""
    position = 0
    while (found := _CODE.search(text, position)) is not None:
        position = found.end()
        if found[0] == _FENCE:
            if (block := _block_at(text, found.start())) is not None:
                position = block.end
                yield block.start, block.end
        elif not found[0].startswith("\\"):
            yield found.span()


@dataclass(frozen=True, slots=True)
class _Block:
    """A code block. Its code lies between `code_start` and `code_end`, its fences around it."""

    start: int
    code_start: int
    code_end: int
    end: int
    opening: str


def _block_at(text: str, start: int) -> _Block | None:
    """Read the code block whose fence is at `start`, as Discord's own pattern would."""
    for pattern in _BLOCK_STARTS:
        if (opened := pattern.match(text, start)) is None:
            continue
        close = text.find(_FENCE, opened.end())
        if close >= 0:
            language = opened[1]
            code_start = start + len(_FENCE) + len(language) + bool(language)
            opening = f"{_FENCE}{language}\n"
            return _Block(start, code_start, close, close + len(_FENCE), opening)
    return None


def _blocks(text: str) -> Iterator[_Block]:
    for start, _ in _code_spans(text):
        if text.startswith(_FENCE, start) and (block := _block_at(text, start)) is not None:
            yield block


class _Splitter:
    """Cuts one text. `_open` is the code block that the last cut went through, if any."""

    def __init__(self, text: str, limit: int) -> None:
        self._text = text
        self._limit = limit
        self._blocks = list(_blocks(text))
        self._starts = [block.start for block in self._blocks]
        self._position = 0
        self._open: _Block | None = None

    def pages(self) -> Iterator[str]:
        while self._position < len(self._text):
            yield self._next_page()

    def _next_page(self) -> str:
        start, opening = self._position, self._open.opening if self._open else ""
        end = self._fit(start, self._limit - count_units(opening))
        if end == len(self._text):
            self._position = end
            return opening + self._text[start:].rstrip()
        block = self._block_around(end)
        if block is None:
            return opening + self._cut_prose(start, end)
        fits_alone = count_units(self._text[block.start : block.end]) <= self._limit
        inside = self._fit(start, self._limit - count_units(opening + _CLOSED))
        a_line_fits = self._text.find("\n", block.code_start + 1, inside) >= 0
        if block.start > start and (fits_alone or not a_line_fits):
            return opening + self._cut_prose(start, block.start)
        return opening + self._cut_block(start, inside, block)

    def _fit(self, start: int, units: int) -> int:
        """Find how far the text fits into so many units."""
        end = min(start + units, len(self._text))
        surplus = count_units(self._text[start:end]) - units
        while surplus > 0:
            end -= 1
            surplus -= count_units(self._text[end])
        return max(end, start + 1)

    def _block_around(self, end: int) -> _Block | None:
        """Find the code block that a cut at `end` would go through."""
        before = bisect_right(self._starts, end - 1) - 1
        block = self._blocks[before] if before >= 0 else None
        return block if block is not None and end < block.end else None

    def _cut_prose(self, start: int, end: int) -> str:
        """Cut at the best place up to `end` that lies behind the last code block."""
        before = bisect_right(self._starts, end - 1) - 1
        floor = max(start, self._blocks[before].end) if before >= 0 else start
        cut = end if end in self._starts else self._best_break(start, floor, end)
        self._position, self._open = _skip_blank(self._text, cut), None
        return self._text[start:cut].rstrip()

    def _best_break(self, start: int, floor: int, end: int) -> int:
        window = self._text[floor : end + 1]
        lasts = [max((m.end() for m in p.finditer(window)), default=0) for p in _BREAKS]
        places = [floor + min(last, end - floor) for last in lasts if last]
        for place in places:
            if place - start >= (end - start) / 2:
                return place
        if places:
            return max(places)
        return floor if floor > start else self._whole_characters(start, end)

    def _cut_block(self, start: int, end: int, block: _Block) -> str:
        """Cut a code block after a line, or within one that is too long."""
        code_start = max(start, block.code_start)
        end = min(end, block.code_end)
        line_end = self._text.rfind("\n", code_start + 1, end + 1)
        cut = line_end if line_end > 0 else self._whole_characters(code_start, end)
        self._position, self._open = cut + (line_end > 0), block
        if not self._text[cut : block.code_end].strip():
            self._position, self._open = _skip_blank(self._text, block.end), None
        return self._text[start:cut] + _CLOSED

    def _whole_characters(self, start: int, end: int) -> int:
        """Step back from the middle of an emoji or an accented letter."""
        for cut in range(end, max(start, end - 16), -1):
            if not _GLUED.match(self._text, cut) and self._text[cut - 1] != "\u200d":
                return cut
        return end


def _skip_blank(text: str, start: int) -> int:
    return len(text) - len(text[start:].lstrip())


def count_units(text: str) -> int:
    """Count the UTF-16 code units of a text: no count of characters that Discord uses is higher."""
    return len(text) + sum(character > "\uffff" for character in text)
