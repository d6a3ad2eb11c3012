"""The native voice message, which discord.py 2.7 can read but has no public way to send.

It goes through the library's own request path, so that rate limits, retries, nonces and mention
rules keep working. Discord's rules: developers/resources/message, "Voice Messages".
"""

import base64
import io
from typing import Any

import discord
from discord.http import MultipartParameters, handle_message_parameters
from discord.webhook.async_ import async_context

from bot.domain.reply import VoiceClip

FILENAME = "voice-message.ogg"


class _VoiceFile(discord.File):
    """A file that also tells its duration and waveform, as a voice message must."""

    __slots__ = ("_clip",)

    def __init__(self, clip: VoiceClip) -> None:
        super().__init__(io.BytesIO(clip.data), FILENAME)
        self._clip = clip

    def to_dict(self, index: int) -> dict[str, Any]:
        """Give the attachment's metadata as Create Message wants it."""
        return {
            **super().to_dict(index),
            "duration_secs": self._clip.seconds,
            "waveform": base64.b64encode(self._clip.waveform).decode("ascii"),
        }


async def send_voice_message(
    channel: discord.abc.Messageable,
    clip: VoiceClip,
    *,
    reference: discord.MessageReference | None,
    nonce: str,
    silent: bool = False,
) -> int:
    """Post a voice message and give its id.

    Args:
        channel: where to.
        clip: Ogg Opus with its exact length and waveform.
        reference: the message it replies to, without a ping.
        nonce: at most 25 characters; a repeat within minutes gives the same message again.
        silent: whether it notifies nobody.

    """
    target = await channel._get_channel()
    state = target._state
    with handle_message_parameters(
        file=_VoiceFile(clip),
        flags=discord.MessageFlags(voice=True, suppress_notifications=silent),
        nonce=nonce,
        message_reference=(
            reference.to_message_reference_dict() if reference else discord.utils.MISSING
        ),
        previous_allowed_mentions=state.allowed_mentions,
        mention_author=False if reference else None,
    ) as params:
        data = await state.http.send_message(target.id, params=_as_audio(params))
    return int(data["id"])


async def follow_up_with_voice(
    interaction: discord.Interaction[Any], clip: VoiceClip, *, ephemeral: bool, silent: bool
) -> int:
    """Post a voice message as a further answer to an interaction, and give its id.

    Args:
        interaction: answered once already.
        clip: as above.
        ephemeral: whether only its user sees it.
        silent: whether it notifies nobody.

    """
    webhook = interaction.followup
    with handle_message_parameters(
        file=_VoiceFile(clip),
        flags=discord.MessageFlags(voice=True, ephemeral=ephemeral, suppress_notifications=silent),
        previous_allowed_mentions=interaction.client.allowed_mentions,
    ) as params:
        data = await async_context.get().execute_webhook(
            webhook.id,
            webhook.token or "",
            session=webhook.session,
            payload=params.payload,
            multipart=_as_audio(params).multipart,
            files=params.files,
            wait=True,
        )
    assert data is not None  # noqa: S101 - it is waited for
    return int(data["id"])


def _as_audio(params: MultipartParameters) -> MultipartParameters:
    """Name the file's type: Discord ignores waveform and duration unless it is `audio/…`."""
    for part in params.multipart or ():
        if part["name"].startswith("files["):
            part["content_type"] = "audio/ogg"
    return params
