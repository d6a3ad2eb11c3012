"""Earlier turns found by their words, and told again in short."""

from collections.abc import Sequence

from bot.domain.text import shown_name
from bot.domain.turns import Turn
from bot.services.tools.matching import fold

MOST_TURNS = 5
MOST_CHARACTERS = 300
_BEFORE = 100
"""Characters that an excerpt keeps before the word for which it was found."""


def find_turns(turns: Sequence[Turn], words: str) -> list[Turn]:
    """Give those turns that hold the most of these words, in the order given; all for no words."""
    wanted = set(fold(words).split())
    if not wanted:
        return list(turns)
    held = [_count(turn, wanted) for turn in turns]
    most = max(held, default=0)
    return [turn for turn, count in zip(turns, held, strict=True) if count == most > 0]


def _count(turn: Turn, wanted: set[str]) -> int:
    said = fold(f"{turn.said} {turn.transcript}")
    return sum(word in said for word in wanted)


def tell_turns(turns: Sequence[Turn], words: str) -> str:
    """Tell who said what and when, and what the answer was: of the first few turns."""
    wanted = sorted(fold(words).split(), key=len, reverse=True)
    told = [_tell(turn, wanted) for turn in turns[:MOST_TURNS]]
    more = len(turns) - len(told)
    return "\n".join([*told, f"({more} more are not shown.)"] if more else told)


def _tell(turn: Turn, wanted: Sequence[str]) -> str:
    at = turn.asked_at
    said = f'"{_excerpt(turn.said, wanted)}"' if turn.said else "something by voice message"
    return (
        f"{at.day} {at:%B %Y, %H:%M} UTC, {shown_name(turn.member.name)} said {said}; "
        f'you answered "{_excerpt(turn.transcript, wanted)}"'
    )


def _excerpt(text: str, wanted: Sequence[str]) -> str:
    """Cut a text around the longest word that is looked for."""
    flat = " ".join(text.split()).replace('"', "'")
    if len(flat) <= MOST_CHARACTERS:
        return flat
    # Folding moves letters by a few places at most, which an excerpt can bear.
    places = (fold(flat).find(word) for word in wanted)
    begin = max(next((place for place in places if place >= 0), 0) - _BEFORE, 0)
    end = begin + MOST_CHARACTERS
    return f"{'…' if begin else ''}{flat[begin:end]}{'…' if end < len(flat) else ''}"
