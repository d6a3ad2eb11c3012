"""The last thing a member said, taken apart, and what was said before it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.local.chat_server.engines import Line

# How the bot tells several speakers apart, and how it lays out a text file and a quotation.
_SPEAKER = re.compile(r"\A\[([^\]\n]{1,100})\] ")
_FILE = re.compile(r"The file (.+?):\n~~~\n(.*?)\n~~~", re.DOTALL)
_NOTE = re.compile(r"\(voice message[^)]*\)")


@dataclass(frozen=True, slots=True)
class Question:
    """The last thing a member said.

    Attributes:
        speaker: who asks, empty where names are not given.
        written: what they wrote, without name, files and notes.
        spoken: what was recognised in the clips.
        files: name and text of each text file.
        clips: sound, as in `Line`.
        listened: whether somebody listened to the clips for words.
        past: everything before, oldest first.

    """

    speaker: str
    written: str
    spoken: str
    files: tuple[tuple[str, str], ...]
    clips: tuple[bytes, ...]
    listened: bool
    past: Sequence[Line]

    @property
    def words(self) -> str:
        """What is asked: the written words; those of a lone recording are the question itself."""
        return self.written or self.spoken

    def says(self, pattern: str) -> bool:
        """Whether the words contain this."""
        return re.search(pattern, self.words, re.IGNORECASE) is not None

    def own_past(self) -> Iterator[str]:
        """Tell what the same speaker said before, oldest first."""
        for line in self.past:
            if line.by == "member":
                speaker, words = said_by(line)
                if speaker == self.speaker:
                    yield words


def take_apart(conversation: Sequence[Line]) -> Question:
    """Find the last line of a member; an empty question where there is none."""
    places = [place for place, line in enumerate(conversation) if line.by == "member"]
    if not places:
        return Question("", "", "", (), (), listened=False, past=conversation)
    line = conversation[places[-1]]
    speaker, text = _speaker_and_text(line.text)
    files = tuple((name, content) for name, content in _FILE.findall(text))
    written = _NOTE.sub("", _FILE.sub("", text)).strip()
    past = conversation[: places[-1]]
    listened = line.heard is not None
    return Question(speaker, written, line.spoken, files, line.clips, listened, past)


def said_by(line: Line) -> tuple[str, str]:
    """Tell who said a line (empty where names are not given), and its words."""
    speaker, text = _speaker_and_text(line.text)
    written = _NOTE.sub("", text).strip() if line.spoken else text
    return speaker, " ".join(words for words in (written, line.spoken) if words)


def _speaker_and_text(text: str) -> tuple[str, str]:
    found = _SPEAKER.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)
