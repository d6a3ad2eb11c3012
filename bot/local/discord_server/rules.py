"""What a message must look like to be taken, whoever sends it.

Sources: https://docs.discord.com/developers/resources/message and, for components,
https://docs.discord.com/developers/components/reference
"""

import base64
import binascii
from typing import Any

from bot.local.discord_server.components import check_components
from bot.local.discord_server.drafts import Draft, Upload
from bot.local.discord_server.errors import bad_length, invalid_form, refused, too_long
from bot.local.discord_server.kinds import MessageFlag

CONTENT_LIMIT = 2000
FILES_LIMIT = 10
USER_FILE_LIMIT_BYTES = 500 * 2**20
_EMBED_LIMITS = {"title": 256, "description": 4096}
_EMBEDS_TOTAL = 6000
_NONCE_LIMIT = 25
_WAVEFORM_LIMIT = 400
_LONGEST_S = 2**31 - 1


def check_draft(draft: Draft, file_limit_bytes: int) -> None:
    """Refuse a draft that Discord refuses.

    Raises:
        ApiError: 50035, 50006, 40005, or 50159 to 50161 for voice messages.

    """
    _check_nonce(draft.nonce)
    check_text(draft.content)
    check_embeds(draft.embeds)
    check_components(draft.components)
    _check_files(draft.uploads, file_limit_bytes)
    if draft.flags & MessageFlag.VOICE:
        _check_voice(draft)
    elif draft.flags & MessageFlag.COMPONENTS_V2:
        _check_components_v2(draft)
    elif not (draft.target and draft.target.forwarded) and is_empty(draft):
        raise refused(50006)


def is_empty(draft: Draft) -> bool:
    """Whether there is nothing in it that anybody could see."""
    return not (
        draft.content.strip() or draft.uploads or draft.embeds or draft.components or draft.extras
    )


def check_text(content: str) -> None:
    """Refuse text over 2000 characters."""
    if len(content) > CONTENT_LIMIT:
        raise too_long("content", CONTENT_LIMIT)


def check_embeds(embeds: tuple[dict[str, Any], ...]) -> None:
    """Refuse too many or too long embeds."""
    if len(embeds) > 10:
        raise too_long("embeds", 10)
    for index, embed in enumerate(embeds):
        for name, most in _EMBED_LIMITS.items():
            if len(embed.get(name) or "") > most:
                raise too_long(f"embeds.{index}.{name}", most)
        _check_fields(index, embed)
    if sum(_embed_length(embed) for embed in embeds) > _EMBEDS_TOTAL:
        raise invalid_form(
            "embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000"
        )


def _check_fields(index: int, embed: dict[str, Any]) -> None:
    fields = embed.get("fields") or ()
    if len(fields) > 25:
        raise too_long(f"embeds.{index}.fields", 25)
    for number, field in enumerate(fields):
        for name, most in (("name", 256), ("value", 1024)):
            if not 1 <= len(field.get(name) or "") <= most:
                raise bad_length(f"embeds.{index}.fields.{number}.{name}", 1, most)
    if len((embed.get("footer") or {}).get("text") or "") > 2048:
        raise too_long(f"embeds.{index}.footer.text", 2048)


def _embed_length(embed: dict[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts.append((embed.get("author") or {}).get("name"))
    for field in embed.get("fields") or ():
        texts += [field.get("name"), field.get("value")]
    return sum(len(text or "") for text in texts)


def _check_nonce(nonce: str | int | None) -> None:
    if isinstance(nonce, str) and len(nonce) > _NONCE_LIMIT:
        raise too_long("nonce", _NONCE_LIMIT)
    if isinstance(nonce, int) and not -(2**63) <= nonce < 2**63:
        raise invalid_form("nonce", "NUMBER_TYPE_MAX", "int value should be a 64 bit integer.")


def _check_files(uploads: tuple[Upload, ...], file_limit_bytes: int) -> None:
    if len(uploads) > FILES_LIMIT:
        raise too_long("attachments", FILES_LIMIT)
    for index, upload in enumerate(uploads):
        if len(upload.data) > file_limit_bytes:
            raise refused(40005)
        if len(upload.description or "") > 1024:
            raise too_long(f"attachments.{index}.description", 1024)
        if not 1 <= len(upload.filename) <= 1024:
            raise bad_length(f"attachments.{index}.filename", 1, 1024)


def _check_voice(draft: Draft) -> None:
    if draft.content or draft.embeds or draft.components or draft.extras:
        raise refused(50159)
    if len(draft.uploads) != 1:
        raise refused(50160)
    [sound] = draft.uploads
    if sound.duration_s is None or not sound.waveform:
        raise refused(50161)
    if not 0 <= sound.duration_s <= _LONGEST_S:
        raise invalid_form("attachments.0.duration_secs", "NUMBER_TYPE_MAX", "Out of range.")
    if len(sound.waveform) > _WAVEFORM_LIMIT:
        raise too_long("attachments.0.waveform", _WAVEFORM_LIMIT)
    if not 1 <= _count_points(sound.waveform) <= 256:
        raise invalid_form("attachments.0.waveform", "BASE64_INVALID", "Invalid waveform.")


def _count_points(waveform: str) -> int:
    try:
        return len(base64.b64decode(waveform, validate=True))
    except binascii.Error:
        return 0


def _check_components_v2(draft: Draft) -> None:
    for name, value in (("content", draft.content), ("embeds", draft.embeds)):
        if value:
            raise invalid_form(
                name, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )  # fmt: skip
    if not draft.components:
        raise refused(50006)
