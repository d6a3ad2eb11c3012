"""Long text in parts that are short enough to be spoken at once. Pure."""

import re

PASSAGE_CHARACTERS = 2_000
"""Below every known limit: 4096 characters, 2000 tokens (a token is a character or more in every
common script), three minutes of speech."""

_BREAKS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"[.!?…][\"'”’)\]]*\s|[。！？]"),  # noqa: RUF001 - meant
    re.compile(r"\s"),
)
"""Where a speaker pauses, the longest pause first."""


def split_passages(text: str, most: int = PASSAGE_CHARACTERS) -> list[str]:
    """Cut text between paragraphs, lines, sentences or words; blank text gives no passage."""
    passages = []
    rest = text.strip()
    while len(rest) > most:
        cut = _last_break(rest[: most + 1]) or most
        passages.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*passages, rest] if rest else passages


def _last_break(text: str) -> int | None:
    """Find the end of the last pause that leaves no passage needlessly short."""
    for pause in _BREAKS:
        ends = [found.end() for found in pause.finditer(text) if found.end() < len(text)]
        if ends and ends[-1] >= len(text) // 3:
            return ends[-1]
    return None
