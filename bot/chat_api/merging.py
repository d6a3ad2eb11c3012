"""The chunks of a streamed answer, merged into what it says. Pure."""

from bot.chat_api.assembling import Answer
from bot.chat_api.pieces import ChoicePieces, Words
from bot.chat_api.sse import Event, EventReader
from bot.chat_api.usage import UsageFields
from bot.chat_api.wire import (
    NUMBER,
    TEXT,
    USAGE,
    Body,
    Choice,
    Message,
    is_null,
    read,
    read_body,
)


class Merger:
    """Merges one stream as it comes; of its bytes only a line that has not ended is kept."""

    def __init__(self) -> None:
        self._events = EventReader()
        self._choices: dict[float, ChoicePieces] = {}
        self._created: float | None = None
        self._model: str | None = None
        self._usage: UsageFields | None = None
        self._error: bytes | None = None
        self._is_spoken: bool | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing that may still come counts."""
        return self._events.done or self._error is not None

    @property
    def held_bytes(self) -> int:
        """How much waits for the end of its line."""
        return self._events.held_bytes

    def feed(self, piece: bytes) -> str:
        """Take the next bytes, cut anywhere, and give the words that are new with them."""
        return "".join(map(self._merge, self._events.feed(piece)))

    def end(self) -> str:
        """Take note that the stream ended by itself; gives words as `feed` does."""
        return "".join(map(self._merge, self._events.end()))

    def answer(self, *, lost: bool = False) -> Answer:
        """Give what was said.

        Args:
            lost: whether the connection broke. A stream that ended is whole when it told any end:
                `[DONE]`, a reason, or when its sound expires.

        """
        choices = [choice for _, choice in sorted(self._choices.items())]
        told_end = self._events.done or any(c.finish or c.expires for c in choices)
        return Answer(
            [choice.said() for choice in choices],
            created=self._created,
            model=self._model,
            usage=self._usage,
            streamed=True,
            cut=lost or not told_end,
            error=self._error,
        )

    def _merge(self, event: Event) -> str:
        if self._error is not None:
            return ""
        chunk = read_body(event.data)
        if event.kind == "error" or (chunk is not None and not is_null(chunk.error)):
            self._error = event.data
            return ""
        # What cannot be read is passed over, as whatever keeps the connection awake.
        return self._add(chunk) if chunk is not None else ""

    def _add(self, chunk: Body) -> str:
        if self._created is None:
            self._created = read(chunk.created, NUMBER)
        self._model = self._model or read(chunk.model, TEXT)
        self._usage = read(chunk.usage, USAGE) or self._usage
        # vLLM-Omni tells words and sound apart in no other way.
        is_sound = read(chunk.modality, TEXT) == "audio"
        return "".join(self._add_choice(each, is_sound) for each in chunk.choices or [])

    def _add_choice(self, choice: Choice, is_sound: bool) -> str:
        pieces = self._choices.setdefault(read(choice.index, NUMBER) or 0, ChoicePieces())
        said = choice.delta or choice.message or Message()
        return self._new(pieces.add(choice, said, sound_as_content=is_sound))

    def _new(self, words: Words) -> str:
        """Choose one kind of words where a server tells both."""
        if self._is_spoken is None and (words.spoken or words.written):
            self._is_spoken = bool(words.spoken)
        return words.spoken if self._is_spoken else words.written
