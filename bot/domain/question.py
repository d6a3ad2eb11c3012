"""What a member asked, put into the words the model is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.incoming import FileKind, FileRef, Incoming, Quoted
from bot.domain.text import shown_name
from bot.errors import Refused
from bot.words import Sentence

TITLE_CHARACTERS = 90
"""Discord takes 100."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text file of a member, read."""

    filename: str
    text: str


def written(incoming: Incoming, documents: Sequence[Document]) -> str:
    """Put together what was quoted, attached as text, and written, in this order."""
    parts = [_quoted(incoming), *map(_attached, documents), incoming.text.strip()]
    return "\n\n".join(part for part in parts if part)


def _quoted(incoming: Incoming) -> str:
    quoted = incoming.quoted
    if quoted is None:
        return ""
    if not quoted.text:
        return f"(about a message of {shown_name(quoted.author)})" if quoted.files else ""
    return f'(about this message of {shown_name(quoted.author)}: "{quoted.text}")'


def _attached(document: Document) -> str:
    return f"The file {shown_name(document.filename)}:\n~~~\n{document.text.strip()}\n~~~"


def is_spoken(incoming: Incoming) -> bool:
    """Tell whether the member spoke: by a voice message, or by a recording beside their words."""
    return incoming.voice_message or any(f.kind is FileKind.SOUND for f in incoming.files)


def title_of(incoming: Incoming) -> str:
    """Name the thread of a question: by its first words, else by who asks."""
    words = " ".join(incoming.text.split())
    if not words:
        return Sentence("Question of {name}", name=shown_name(incoming.member.name))
    return words if len(words) <= TITLE_CHARACTERS else f"{words[: TITLE_CHARACTERS - 1]}…"


def has_something(incoming: Incoming) -> bool:
    """Tell whether there is anything to answer: words, or a file we can use."""
    quoted = incoming.quoted
    files = (*incoming.files, *(quoted.files if quoted else ()))
    if incoming.text.strip() or (quoted and quoted.text.strip()):
        return True
    return any(file.kind is not FileKind.OTHER for file in files)


def require_something(incoming: Incoming) -> None:
    """Let a message pass that has anything to answer.

    Raises:
        Refused: there are neither words nor a file we can use.

    """
    if has_something(incoming):
        return
    quoted = incoming.quoted
    files = (*incoming.files, *(quoted.files if quoted else ()))
    if quoted and quoted.withheld:
        raise Refused("quote_withheld", _withheld(quoted))
    if files:
        raise Refused(
            "files_unusable",
            Sentence(
                "I cannot use {files}. Send me words, a voice message, a sound file, or a text "
                "file (.txt, .md).",
                files=_names(files),
            ),
        )
    raise Refused(
        "empty",
        Sentence(
            "You called me, but I found nothing to answer. Write your question after my name, "
            "attach a recording, or reply to one of my answers with a voice message."
        ),
    )


def withheld_note(incoming: Incoming) -> str | None:
    """Say that the message asked about was not shown to us, or None when it was."""
    quoted = incoming.quoted
    return _withheld(quoted) if quoted and quoted.withheld else None


def _withheld(quoted: Quoted) -> str:
    return Sentence(
        "Discord does not show me the message of {author}: without access to message "
        "content I see only what is addressed to me.",
        author=shown_name(quoted.author),
    )


def unused_files_note(incoming: Incoming) -> str | None:
    """Say which of the files were left out, or None when all were used."""
    left_out = [file for file in incoming.files if file.kind is FileKind.OTHER]
    if not left_out:
        return None
    return Sentence(
        "I could not look at {files}: I read text files and hear sound.", files=_names(left_out)
    )


def _names(files: Sequence[FileRef]) -> str:
    return ", ".join(shown_name(file.filename) for file in files)
