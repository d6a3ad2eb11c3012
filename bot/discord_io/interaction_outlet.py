"""An interaction as the place of an answer: for one member alone, or where we are no member.

Nothing here can be repeated safely: Discord takes no nonce for such messages. The token is good for
15 minutes, and where the bot is no member five messages may follow the first.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import discord

from bot.discord_io.answer_buttons import answer_view
from bot.discord_io.components import AnyInteraction, Components
from bot.discord_io.network import CALL_ERRORS
from bot.discord_io.outlet import HEADROOM_BYTES, REQUEST_LIMIT_BYTES, answer_files
from bot.discord_io.places import is_guest
from bot.discord_io.posting import (
    DID_NOT_TAKE,
    Kind,
    in_our_words,
    repeat_once,
    source_gone,
)
from bot.discord_io.voice_message import follow_up_with_voice
from bot.domain.reply import Button, SoundFile, Standing, VoiceClip
from bot.errors import DeliveryError, PartGone, VoiceForbidden
from bot.i18n import say
from bot.words import Sentence

log = logging.getLogger(__name__)

FOLLOWUPS_OF_GUESTS = 5
CUT = Sentence("-# ✂️ Discord lets me write only so many messages here; the rest is left out.")
NOTHING = Sentence(
    "⚠️ I am about to restart, so this stays unanswered. Please ask again in a minute."
)
_TOKEN_OVER = 50027


class InteractionOutlet:
    """Posts the parts of one answer as answers to an interaction.

    The interaction is deferred when this is made; its first message becomes `heading`, and the
    parts follow.
    """

    def __init__(
        self,
        interaction: AnyInteraction,
        components: Components,
        heading: str,
        *,
        ephemeral: bool = False,
    ) -> None:
        self._interaction = interaction
        self._components = components
        self._heading = heading
        self._ephemeral = ephemeral
        self._silent = False
        self._headed = False
        self._guest = is_guest(interaction)
        self._posted: dict[int, int] = {}

    @property
    def limit_bytes(self) -> int:
        """The largest file that is taken, with room for the rest of the request."""
        return min(self._interaction.filesize_limit, REQUEST_LIMIT_BYTES) - HEADROOM_BYTES

    @property
    def locale(self) -> str:
        """The language of whoever used the interaction."""
        return self._interaction.locale.value

    def check_access(self) -> None:
        """Let everything pass: whoever could use the interaction gets its answer."""

    def check_sound(self) -> None:
        """Let everything pass: only Discord knows what it takes where we may be no member."""

    async def standing(self) -> Sequence[Standing] | None:
        """Nothing: what was answered by an interaction cannot be taken up again."""
        return []

    def insist(self) -> None:
        """Change nothing: there is no question that could be deleted."""

    def hush(self) -> None:
        """Post what follows without notifying anybody."""
        self._silent = True

    async def open_thread(self, title: str) -> None:
        """Stay: an interaction is answered where it was used."""

    @asynccontextmanager
    async def typing(self) -> AsyncIterator[None]:
        """Show nothing more: Discord says that we are thinking."""
        yield

    async def post_voice(self, clip: VoiceClip, *, part: int) -> int:
        """Post a native voice message.

        Raises:
            VoiceForbidden: not here, as we know or are told, or none of our messages is left.

        """
        if self._is_spent or not self._interaction.app_permissions.send_voice_messages:
            raise VoiceForbidden(
                "voice_forbidden", Sentence("Voice messages are not allowed in this room.")
            )

        async def send() -> int:
            return await follow_up_with_voice(
                self._interaction, clip, ephemeral=self._ephemeral, silent=self._silent
            )

        return await self._post(part, send, Kind.VOICE)

    async def post_text(
        self,
        text: str,
        *,
        part: int,
        sound: SoundFile | None = None,
        alt_text: str = "",
        transcript: str | None = None,
        buttons: Sequence[Button] = (),
    ) -> int:
        """Post words, with their sound or a long transcript as files."""
        if self._is_spent:
            return await self._cut_short()

        async def send() -> int:
            message = await self._interaction.followup.send(
                say(text, self.locale) or discord.utils.MISSING,
                files=answer_files(sound, alt_text, transcript),
                view=answer_view(self._components, buttons, self.locale) or discord.utils.MISSING,
                ephemeral=self._ephemeral,
                silent=self._silent,
                suppress_embeds=True,
                wait=True,
            )
            return message.id

        with_file = sound is not None or transcript is not None
        return await self._post(part, send, Kind.FILE if with_file else Kind.WORDS)

    async def retract(self, message_id: int) -> None:
        """Leave what stands: nothing is posted here that would be taken back."""

    async def mark(self, emoji: str) -> bool:  # noqa: ARG002 - as in every outlet
        """Mark nothing: there is no message to mark."""
        return False

    async def whisper(self, sentence: str) -> bool:
        """Tell the asker in the first message; False when that is not taken either."""
        return await self._try_heading(f"⚠️ {say(sentence, self.locale)}")

    async def close(self) -> None:
        """Say that nothing came, where nothing did: Discord would show us thinking for ever."""
        if not self._headed:
            await self._try_heading(say(NOTHING, self.locale))

    @property
    def _is_spent(self) -> bool:
        return self._guest and len(self._posted) >= FOLLOWUPS_OF_GUESTS

    async def _post(self, part: int, send: Callable[[], Awaitable[int]], kind: Kind) -> int:
        if part not in self._posted:
            if not self._headed:
                await self._call(self._head, Kind.WORDS)
            self._posted[part] = await self._call(send, kind)
        return self._posted[part]

    async def _head(self) -> int:
        edit = partial(self._interaction.edit_original_response, content=self._heading)
        message = await repeat_once(edit)
        self._headed = True
        return message.id

    async def _cut_short(self) -> int:
        cut = say(CUT, self.locale)
        self._heading = f"{self._heading}\n{cut}" if cut not in self._heading else self._heading
        return await self._call(self._head, Kind.WORDS)

    async def _call(self, send: Callable[[], Awaitable[int]], kind: Kind) -> int:
        try:
            return await send()
        except discord.HTTPException as error:
            if error.code == _TOKEN_OVER:
                raise DeliveryError(
                    "command_over",
                    Sentence("Discord takes answers to a command for 15 minutes only."),
                ) from error
            found = in_our_words(error, kind)
            if isinstance(found, PartGone):  # it is our first message that is edited or followed
                found = source_gone()
            raise found from error
        except CALL_ERRORS as error:
            # Not `Unreachable`: nothing can be looked for here, nor posted once it is over.
            raise DeliveryError("discord_unreachable", DID_NOT_TAKE) from error

    async def _try_heading(self, text: str) -> bool:
        try:
            await repeat_once(partial(self._interaction.edit_original_response, content=text))
        except CALL_ERRORS as error:
            log.info("the asker cannot be told: %s", type(error).__name__)
            return False
        self._headed = True
        return True
