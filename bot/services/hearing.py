"""Members' files: fetched, capped, and turned into what the model reads and hears."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.incoming import FileKind, FileRef, Incoming
from bot.domain.question import Document
from bot.domain.reply import ModelAudio
from bot.domain.turns import KeptClip
from bot.errors import Refused
from bot.services.ports import Attachments, Transcoder
from bot.words import Sentence

MAX_CLIPS = 4
MAX_DOCUMENTS = 4


@dataclass(frozen=True, slots=True)
class HearingLimits:
    """What a member may send with one question."""

    input_s: float
    file_bytes: int
    text_file_bytes: int


class Hearing:
    """Reads the files of a question."""

    def __init__(
        self, attachments: Attachments, transcoder: Transcoder, limits: HearingLimits
    ) -> None:
        self._attachments = attachments
        self._transcoder = transcoder
        self._limits = limits

    async def fetch_sounds(self, incoming: Incoming) -> list[bytes]:
        """Fetch the clips of a question, or of the message it is about, as they were sent.

        Raises:
            Refused: too many, too large, or too long by what their sender says.
            AttachmentError: one could not be fetched.

        """
        quoted = incoming.quoted.files if incoming.quoted else ()
        sounds = [f for f in (*quoted, *incoming.files) if f.kind is FileKind.SOUND]
        if len(sounds) > MAX_CLIPS:
            raise Refused(
                "too_many_clips",
                Sentence(
                    "That is {count} recordings; I can listen to {most} at once.",
                    count=len(sounds),
                    most=MAX_CLIPS,
                ),
            )
        self._require_size(sounds, self._limits.file_bytes)
        self._require_length(sum(file.seconds or 0 for file in sounds))
        fetched: list[bytes] = []
        for file in sounds:
            left_bytes = self._limits.file_bytes - sum(map(len, fetched))
            fetched.append(await self._attachments.read(file, limit_bytes=left_bytes))
        return fetched

    async def listen(self, sounds: Sequence[bytes], *, wav: bool = False) -> list[ModelAudio]:
        """Turn clips into what the model hears; all together must fit into the time limit."""
        heard: list[ModelAudio] = []
        for data in sounds:
            heard.append(await self.listen_again(data, wav=wav))
            self._require_length(sum(clip.seconds for clip in heard))
        return heard

    async def listen_again(self, data: bytes, *, wav: bool = False) -> ModelAudio:
        """Turn one clip into what the model hears."""
        return await self._transcoder.model_input(data, max_seconds=self._limits.input_s, wav=wav)

    async def read_documents(self, incoming: Incoming) -> list[Document]:
        """Read the text files of a question.

        Raises:
            Refused: too many, too large, or not text.

        """
        quoted = incoming.quoted.files if incoming.quoted else ()
        files = [f for f in (*quoted, *incoming.files) if f.kind is FileKind.TEXT]
        if len(files) > MAX_DOCUMENTS:
            raise Refused(
                "too_many_documents",
                Sentence(
                    "That is {count} text files; I can read {most} at once.",
                    count=len(files),
                    most=MAX_DOCUMENTS,
                ),
            )
        self._require_size(files, self._limits.text_file_bytes)
        return [await self._read_document(file) for file in files]

    async def _read_document(self, file: FileRef) -> Document:
        data = await self._attachments.read(file, limit_bytes=self._limits.text_file_bytes)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Refused(
                "not_text",
                Sentence("I can read text files in UTF-8 only. Please save yours as UTF-8."),
            ) from None
        if "\0" in text:
            raise Refused("not_text", Sentence("That text file does not hold text."))
        return Document(file.filename, text)

    def _require_size(self, files: Sequence[FileRef], limit_bytes: int) -> None:
        for file in files:
            if file.size_bytes == 0:
                raise Refused(
                    "file_empty", Sentence("That file is empty (0 bytes). Please send it again.")
                )
            if file.size_bytes > limit_bytes:
                raise Refused(
                    "file_too_large",
                    Sentence(
                        "That file has {size}; the most I can take is {most}.",
                        size=_size(file.size_bytes),
                        most=_size(limit_bytes),
                    ),
                )
        total_bytes = sum(file.size_bytes for file in files)
        if total_bytes > limit_bytes:
            raise Refused(
                "files_too_large",
                Sentence(
                    "Those files have {size} together; the most I can take is {most}.",
                    size=_size(total_bytes),
                    most=_size(limit_bytes),
                ),
            )

    def _require_length(self, seconds: float) -> None:
        if seconds > self._limits.input_s:
            raise Refused(
                "too_long",
                Sentence(
                    "That is {seconds:.0f} seconds of sound; the most I can listen to at once is "
                    "{most:.0f} seconds.",
                    seconds=seconds,
                    most=self._limits.input_s,
                ),
            )


def kept_clips(
    sounds: Sequence[bytes], heard: Sequence[ModelAudio], *, limit_bytes: int
) -> tuple[tuple[KeptClip, ...], float]:
    """Choose the clips worth keeping for later turns, and the seconds of those that are not."""
    pairs = list(zip(sounds, heard, strict=True))
    kept = tuple(KeptClip(d, h.seconds) for d, h in pairs if len(d) <= limit_bytes)
    unkept_s = sum(h.seconds for d, h in pairs if len(d) > limit_bytes)
    return kept, unkept_s


def _size(count_bytes: int) -> str:
    mebibytes = count_bytes / 2**20
    return f"{mebibytes:.1f} MiB" if mebibytes >= 0.1 else f"{count_bytes / 1024:.1f} KiB"
