"""What may come of a question: each end tells what is wrong with what was posted, if anything."""

from collections.abc import Callable, Sequence

from soak.ledger import Posted, Question, is_notice, is_sound_of

End = Callable[[Question, Sequence[Posted]], str | None]


def whole(question: Question, posted: Sequence[Posted]) -> str | None:
    """Require the answer, all its words and its sound, once."""
    words, sounds = _words_of(posted), _sounds_of(posted)
    if not posted:
        return "lost"
    if len(sounds) > 1 or words.count(_plain(question.words)) > 1:
        return "double"
    if words != _plain(question.words):
        return "other words"
    if not sounds:
        return "without its sound"
    return None if is_sound_of(question.words, sounds[0]) else "another sound"


def in_words(question: Question, posted: Sequence[Posted]) -> str | None:
    """Require the words, once, and no sound."""
    if not posted:
        return "lost"
    if _words_of(posted) != _plain(question.words):
        return "other words"
    return "with a sound" if _sounds_of(posted) else None


def spoken_alone(question: Question, posted: Sequence[Posted]) -> str | None:
    """Require the sound, once, and no words."""
    sounds = _sounds_of(posted)
    if not posted:
        return "lost"
    if len(posted) > 1:
        return "double"
    if _words_of(posted) or len(sounds) != 1:
        return "other words"
    return None if is_sound_of(question.words, sounds[0]) else "another sound"


def one_message(_question: Question, posted: Sequence[Posted]) -> str | None:
    """Require one answer of whatever words: a card, or a bubble with its words."""
    if not posted:
        return "lost"
    bubbles = [each for each in posted if each.is_voice]
    return None if len(posted) - len(bubbles) == 1 and len(bubbles) <= 1 else "double"


def refused(_question: Question, posted: Sequence[Posted]) -> str | None:
    """Require one notice."""
    if not posted:
        return "lost"
    return None if [is_notice(each) for each in posted] == [True] else "double"


def told_alone(_question: Question, posted: Sequence[Posted]) -> str | None:
    """Require that nothing stands in the room; the asker is told in a DM."""
    return "posted" if posted else None


def nothing(_question: Question, posted: Sequence[Posted]) -> str | None:
    """Allow an answer, where it was quicker, or nothing; never two."""
    return None if not posted or is_notice(posted[0]) else in_part(posted)


def in_part(posted: Sequence[Posted]) -> str | None:
    """Require that nothing came twice."""
    sounds = _sounds_of(posted)
    return "double" if len(sounds) > 1 or len(posted) > 2 else None


def excused(end: End, question: Question, posted: Sequence[Posted]) -> str | None:
    """Allow also that a defect is told, or cost an answer its sound; nothing else."""
    fault = end(question, posted)
    if fault is None or refused(question, posted) is None:
        return None
    return fault if in_words(question, posted) is not None else None


def _words_of(posted: Sequence[Posted]) -> str:
    """Put the words of all pages together, small print left out."""
    lines = [line for each in posted for line in each.content.split("\n")]
    return _plain("".join(line for line in lines if not line.startswith(("-# ", "> "))))


def _plain(words: str) -> str:
    return "".join(words.split())


def _sounds_of(posted: Sequence[Posted]) -> list[bytes]:
    return [file for each in posted for file in each.files]
