"""Rules about recordings: how they sound, and what is said in them."""

import re

from bot.local.chat_server.hearing import describe, measure
from bot.local.chat_server.question import Question

# With a recording at hand, what is written is most likely about it; what is spoken is not.
_WRITTEN = r"\b(sounds?|voice|hear|heard|recording|listen|loud|pitch)\b"
_SPOKEN = (
    r"\bhow (does|do|did) (this|that|my|the|it|i)\b.{0,30}\bsound\b"
    r"|\bwhat (does|do) (this|that|my|the|it|i)\b.{0,30}\bsound like\b"
    r"|\b(describe|listen to) (this|that|my|the) (voice|recording|sound)\b"
    r"|\bhow (loud|fast|slow|high|low|long) (is|am|was) "
)
_CONTENT = (
    r"\bwhat (do|did|does|is|was) (i|he|she|they|you hear|this|it|the|being)\b.*\b(say|says|said)\b"
    r"|\bwhat do you hear\b|\btranscri(be|pt)|\bwrite (it|this|that) down\b"
    r"|\bwhat is (being )?said\b|\brepeat\b"
)


def describe_sound(question: Question) -> str | None:
    """Say how the recording sounds, where that is asked, or nothing else can be said of it."""
    if not question.clips:
        return None
    heard = " ".join(describe(measure(clip)) for clip in question.clips)
    if not question.words:
        known = "There are no words in it that I could make out."
        return f"{heard} {known if question.listened else _DEAF}"
    return heard if _asks_how_it_sounds(question) else None


def tell_content(question: Question) -> str | None:
    """Say what is said in the recording, where the written words ask for it."""
    if not (question.spoken and question.written and question.says(_CONTENT)):
        return None
    return f"I hear: {question.spoken}"


_DEAF = "I cannot make out words, only how they sound."


def _asks_how_it_sounds(question: Question) -> bool:
    about_sound = question.says(_WRITTEN if question.written else _SPOKEN)
    return about_sound and not (question.spoken and re.search(_CONTENT, question.written, re.I))
