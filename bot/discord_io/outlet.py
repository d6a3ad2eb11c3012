"""The room of one question, seen from that question: typing, voice messages, words, files."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

import discord

from bot.discord_io.answer_buttons import answer_view
from bot.discord_io.components import Components
from bot.discord_io.gates import Gates
from bot.discord_io.network import CALL_ERRORS, OUT_OF_REACH
from bot.discord_io.posting import (
    ATTEMPT_S,
    Kind,
    Send,
    files_forbidden,
    no_access,
    nonce_of,
    nonce_of_words,
    post,
    unreachable,
)
from bot.discord_io.restraint import once_let
from bot.discord_io.threads import open_thread
from bot.discord_io.traces import Traces
from bot.discord_io.voice_bans import VoiceBans
from bot.discord_io.voice_message import send_voice_message
from bot.domain.incoming import Incoming
from bot.domain.outgoing import FAILURE_PART
from bot.domain.question import TITLE_CHARACTERS
from bot.domain.reply import Button, SoundFile, Standing, VoiceClip
from bot.domain.rooms import Room
from bot.errors import NoAccess, SourceGone, VoiceForbidden
from bot.i18n import say
from bot.tasks import spawn
from bot.words import Sentence

log = logging.getLogger(__name__)

DEFAULT_LIMIT_BYTES = 10 * 2**20
REQUEST_LIMIT_BYTES = 25 * 2**20
HEADROOM_BYTES = 1 << 16
TYPING_EVERY_S = 8

AnyChannel = discord.abc.Messageable


@dataclass(frozen=True, slots=True)
class Source:
    """The message that is answered: a question, or words of ours that are to be spoken."""

    message_id: int
    room: Room
    member_id: int
    locale: str | None = None

    @classmethod
    def of(cls, incoming: Incoming, locale: str | None = None) -> "Source":
        """Name a question."""
        return cls(incoming.message_id, incoming.room, incoming.member.id, locale)


class RoomOutlet:
    """Posts the parts of one answer, each as a reply to its source that pings nobody.

    Once we insist, a source that was deleted is no longer replied to: the words come alone. In a
    thread of its own an answer replies to nothing, because the source stands above it.
    """

    def __init__(
        self,
        client: discord.Client,
        source: Source,
        bans: VoiceBans,
        gates: Gates,
        components: Components,
        traces: Traces | None = None,
    ) -> None:
        """Prepare; `traces` is for those who look through a room together with others."""
        room = source.room
        self._client = client
        self._source = source
        self._bans = bans
        self._gates = gates
        self._components = components
        self._traces = traces
        self._reference: discord.MessageReference | None = discord.MessageReference(
            message_id=source.message_id, channel_id=room.id, guild_id=room.guild_id
        )
        self._go_to(room.id, client.get_channel(room.id))
        self._insists = False
        self._silent = False
        self._thread_due: str | None = None

    def _go_to(self, room_id: int, channel: object) -> None:
        guild_id = self._source.room.guild_id
        self._room_id = room_id
        self._channel = channel
        self._rights = self._rights_in(channel)
        self._target: AnyChannel = (
            channel
            if isinstance(channel, AnyChannel)
            else self._client.get_partial_messageable(room_id, guild_id=guild_id)
        )

    @property
    def _guild(self) -> discord.Guild | None:
        """The server as the library has it by now: with each session it makes them anew."""
        guild_id = self._source.room.guild_id
        return self._client.get_guild(guild_id) if guild_id else None

    def _find_channel(self) -> None:
        """Take up the channel as the library has it by now; of a server Discord may tell late."""
        channel = self._client.get_channel(self._room_id)
        if channel is not None and channel is not self._channel:
            self._go_to(self._room_id, channel)

    @property
    def limit_bytes(self) -> int:
        """The largest file this room takes, with room for the rest of the request."""
        allowed = self._guild.filesize_limit if self._guild else DEFAULT_LIMIT_BYTES
        return min(allowed, REQUEST_LIMIT_BYTES) - HEADROOM_BYTES

    @property
    def locale(self) -> str | None:
        """The language of the server; in a DM that of the asker, where it is known."""
        return self._guild.preferred_locale.value if self._guild else self._source.locale

    def check_access(self) -> None:
        """Raise NoAccess when the permissions we know of do not let us write here."""
        rights = self._rights
        if self._bans.is_shut(self._room_id, rights):
            raise no_access()
        if rights is None:
            return
        may_send = (
            rights.send_messages_in_threads
            if isinstance(self._channel, discord.Thread)
            else rights.send_messages
        )
        if not (rights.view_channel and may_send):
            raise NoAccess(
                "no_access",
                Sentence(
                    "I may not write in #{room}, where you asked me. A moderator can give me the "
                    "permission Send Messages there.",
                    room=self._channel,
                ),
            )

    def check_sound(self) -> None:
        """Raise FilesForbidden when the permissions we know of let us attach nothing."""
        if self._rights and not self._rights.attach_files:
            raise files_forbidden()

    async def standing(self) -> Sequence[Standing] | None:
        """Look through what was written since the source; None where we may not.

        Both its room and, while it is active, a thread on it are looked through: before a stop the
        thread may not have been had, or the rules for threads may have been others.

        Raises:
            Unreachable: Discord is not to be had.

        """
        guild = self._guild
        if guild and guild.unavailable:
            raise unreachable()  # nobody tells us yet where in this server we may look
        self._find_channel()
        if self._thread_due is not None:
            with suppress(SourceGone):
                await self.open_thread(self._thread_due)
        if self._rights and not self._rights.read_message_history:
            return None  # Discord would show us an empty room
        source_id, asked_in = self._source.message_id, self._source.room.id
        is_elsewhere = self._room_id != asked_in
        traces = self._traces or Traces(self._client)
        looks = [await traces.answers_to(asked_in, source_id, source_id)]
        if is_elsewhere or self._has_thread():
            looks.append(await traces.answers_to(source_id, source_id, None))
        found = [each for look in looks for each in look or ()]
        return None if not found and None in looks else found

    def _has_thread(self) -> bool:
        if not isinstance(self._channel, discord.TextChannel):
            return False
        return self._channel.get_thread(self._source.message_id) is not None

    def insist(self) -> None:
        """Post what follows even when the question is gone."""
        self._insists = True

    def hush(self) -> None:
        """Post what follows without notifying anybody."""
        self._silent = True

    async def open_thread(self, title: str) -> None:
        """Go on in a thread on the source, where we may open one and write in it.

        While Discord is not to be had it stays due, until something is posted without it.

        Raises:
            SourceGone: the source was deleted.

        """
        self._find_channel()
        guild = self._guild
        self._thread_due = title if guild and guild.unavailable else None
        rights, shown = self._rights, say(title, self.locale)[:TITLE_CHARACTERS]
        if rights and not (rights.create_public_threads and rights.send_messages_in_threads):
            log.info("no thread in %s: not allowed", self._room_id)
            return
        try:
            thread = await open_thread(self._channel, self._source.message_id, shown)
        except CALL_ERRORS as error:
            log.info("no thread in %s: %s", self._room_id, type(error).__name__)
            self._thread_due = title if isinstance(error, OUT_OF_REACH) else None
            return
        if thread is not None:
            self._reference = None
            self._go_to(self._source.message_id, thread)

    @asynccontextmanager
    async def typing(self) -> AsyncIterator[None]:
        """Show that we are at it until the block is left."""
        showing = spawn(self._keep_typing(), name=f"typing in {self._room_id}")
        try:
            yield
        finally:
            showing.cancel()

    async def _keep_typing(self) -> None:
        try:
            while True:
                await self._target.typing()
                await asyncio.sleep(TYPING_EVERY_S)
        except CALL_ERRORS as error:
            log.info("typing is not shown: %s", type(error).__name__)

    async def post_voice(self, clip: VoiceClip, *, part: int) -> int:
        """Post a native voice message.

        Raises:
            VoiceForbidden: not in this room, as we know or are told.

        """
        rights = self._rights
        if self._room_id in self._bans or (rights and not rights.send_voice_messages):
            raise VoiceForbidden(
                "voice_forbidden", Sentence("Voice messages are not allowed in this room.")
            )
        nonce = nonce_of(self._source.message_id, part)

        async def send(reference: discord.MessageReference | None) -> int:
            return await send_voice_message(
                self._target, clip, reference=reference, nonce=nonce, silent=self._silent
            )

        try:
            return await self._post(send, Kind.VOICE)
        except VoiceForbidden:
            self._bans.add(self._room_id)
            raise

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
        with_file = sound is not None or transcript is not None
        if with_file:
            self.check_sound()
        source_id = self._source.message_id
        # An edit may bring a question another end, with another reason.
        is_notice = part == FAILURE_PART
        nonce = nonce_of_words(source_id, text) if is_notice else nonce_of(source_id, part)

        async def send(reference: discord.MessageReference | None) -> int:
            message = await self._target.send(
                say(text, self.locale) or None,
                files=answer_files(sound, alt_text, transcript),
                reference=reference,  # type: ignore[arg-type] # None is taken, too
                mention_author=False,
                suppress_embeds=True,
                silent=self._silent,
                view=answer_view(self._components, buttons, self.locale),  # type: ignore[arg-type] # or None
                nonce=nonce,
            )
            return message.id

        return await self._post(send, Kind.FILE if with_file else Kind.WORDS)

    async def _post(self, send: Send, kind: Kind) -> int:
        self._traces = None  # an earlier look at the room does not show what comes now
        self._thread_due = None  # what follows is not to stand elsewhere
        gate = self._gates.of(self._room_id)
        try:
            return await post(send, self._reference, kind, gate)
        except SourceGone:
            if not self._insists:
                raise
            return await post(send, None, kind, gate)
        except NoAccess as error:
            if isinstance(error.__cause__, discord.Forbidden):
                self._bans.shut(self._room_id, self._rights)
            raise

    async def retract(self, message_id: int) -> None:
        """Delete a message of ours."""
        try:
            await (
                self._client.get_partial_messageable(self._room_id)
                .get_partial_message(message_id)
                .delete()
            )
        except CALL_ERRORS as error:
            log.info("a message is not deleted: %s", type(error).__name__)

    async def mark(self, emoji: str) -> bool:
        """React to the source; False where we may not, or Discord does not take it."""
        rights = self._rights
        if rights and not (rights.add_reactions and rights.read_message_history):
            return False
        source = self._source
        try:
            await (
                self._client.get_partial_messageable(source.room.id)
                .get_partial_message(source.message_id)
                .add_reaction(emoji)
            )
        except CALL_ERRORS as error:
            log.info("a question is not marked: %s", type(error).__name__)
            return False
        return True

    async def whisper(self, sentence: str) -> bool:
        """Tell the asker alone; False when they take no messages from us.

        Raises:
            Unreachable: Discord is not to be had.

        """
        try:
            await once_let(partial(self._send_alone, f"⚠️ {say(sentence, self.locale)}"))
        except OUT_OF_REACH as error:
            raise unreachable() from error
        except discord.HTTPException as error:
            log.info("the asker cannot be told: %s", type(error).__name__)
            return False
        return True

    async def _send_alone(self, text: str) -> None:
        member_id = self._source.member_id
        async with asyncio.timeout(ATTEMPT_S):
            user = self._client.get_user(member_id) or await self._client.fetch_user(member_id)
            await user.send(text, nonce=nonce_of_words(self._source.message_id, text))

    def _rights_in(self, channel: object) -> discord.Permissions | None:
        """Our permissions in the room; None in a DM, and where the cache does not know.

        Worked out once for an answer; what changes meanwhile Discord itself refuses.
        """
        if self._guild is None or self._guild.me is None:
            return None
        if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            return None
        try:
            return channel.permissions_for(self._guild.me)
        except discord.ClientException:  # a thread whose channel is not cached
            return None


def answer_files(
    sound: SoundFile | None, alt_text: str, transcript: str | None
) -> list[discord.File]:
    """Lay out the files of a message: its sound, a long transcript."""
    files = []
    if sound is not None:
        name = f"answer.{sound.extension}"
        files.append(discord.File(io.BytesIO(sound.data), name, description=alt_text[:1024]))
    if transcript is not None:
        files.append(discord.File(io.BytesIO(transcript.encode()), "transcript.txt"))
    return files
