"""A message on its way in: what a request or a member's client asks to post."""

import re
from dataclasses import dataclass
from typing import Any

from bot.local.discord_server.errors import invalid_form
from bot.local.discord_server.fields import read_id
from bot.local.discord_server.mentions import ALL, Allowed, read_allowed

_FILE_FIELD = re.compile(r"files\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file with its bytes. `duration_s` and `waveform` (base64) are what a voice message has."""

    filename: str
    data: bytes
    content_type: str | None = None
    description: str | None = None
    duration_s: float | None = None
    waveform: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One file part of a multipart request, as it arrived. `field` is its name: `files[0]`."""

    field: str
    filename: str
    content_type: str | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """The message that a draft answers or forwards. `channel_id` None is the same channel."""

    message_id: int
    channel_id: int | None = None
    forwarded: bool = False
    must_exist: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be posted.

    Attributes:
        extras: names of further content that was asked for (stickers, poll, text-to-speech).

    """

    content: str = ""
    uploads: tuple[Upload, ...] = ()
    flags: int = 0
    embeds: tuple[dict[str, Any], ...] = ()
    components: tuple[dict[str, Any], ...] = ()
    target: Target | None = None
    allowed: Allowed = ALL
    nonce: str | int | None = None
    enforce_nonce: bool = False
    extras: tuple[str, ...] = ()


def read_draft(payload: dict[str, Any], parts: tuple[Part, ...], default: Allowed = ALL) -> Draft:
    """Read the body of a request that posts a message.

    Raises:
        ApiError: 50035 when a field has the wrong shape.

    """
    content = payload.get("content") or ""
    if not isinstance(content, str):
        raise invalid_form("content", "STRING_TYPE_CONVERT", "Could not interpret as string.")
    return Draft(
        content=content,
        uploads=read_uploads(payload, parts),
        flags=payload.get("flags") or 0,
        embeds=tuple(payload.get("embeds") or ()),
        components=tuple(payload.get("components") or ()),
        target=_read_target(payload.get("message_reference")),
        allowed=read_allowed(payload.get("allowed_mentions"), default),
        nonce=payload.get("nonce"),
        enforce_nonce=bool(payload.get("enforce_nonce")),
        extras=tuple(name for name in ("sticker_ids", "poll") if payload.get(name)),
    )


def read_uploads(payload: dict[str, Any], parts: tuple[Part, ...]) -> tuple[Upload, ...]:
    """Join file parts with what `attachments` says about them.

    Raises:
        ApiError: 50035 when `attachments` names a file that did not come.

    """
    by_index = {match[1]: part for part in parts if (match := _FILE_FIELD.fullmatch(part.field))}
    said = {str(each.get("id")): each for each in payload.get("attachments") or ()}
    for index in said:
        if len(index) < 5 and index not in by_index:  # long ids are files that are kept
            raise invalid_form(
                f"attachments.{index}.id", "ATTACHMENT_NOT_FOUND", "Attachment was not found."
            )
    return tuple(_upload(part, said.get(index, {})) for index, part in by_index.items())


def kept_attachment_ids(payload: dict[str, Any]) -> set[int] | None:
    """List which files an edit keeps; None when it says nothing of files."""
    if payload.get("attachments") is None:
        return None
    return {read_id(each, "id", "attachments") for each in payload["attachments"]}


def _upload(part: Part, said: dict[str, Any]) -> Upload:
    """Sound files keep their length and waveform; Discord ignores them for all other types."""
    is_sound = (part.content_type or "").startswith("audio/")
    duration = said.get("duration_secs") if is_sound else None
    return Upload(
        filename=said.get("filename") or part.filename,
        data=part.data,
        content_type=part.content_type,
        description=said.get("description"),
        duration_s=None if duration is None else float(duration),
        waveform=said.get("waveform") if is_sound else None,
    )


def _read_target(reference: dict[str, Any] | None) -> Target | None:
    if not reference:
        return None
    named = reference.get("channel_id") is not None
    return Target(
        message_id=read_id(reference, "message_id", "message_reference.message_id"),
        channel_id=read_id(reference, "channel_id") if named else None,
        forwarded=reference.get("type") == 1,
        must_exist=reference.get("fail_if_not_exists") is not False,
    )
