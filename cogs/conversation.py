"""Members talk to the bot: messages, edits and deletions become questions."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import discord
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.incoming import read
from bot.discord_io.network import CALL_ERRORS
from bot.discord_io.outlet import RoomOutlet, Source
from bot.discord_io.traces import Traces
from bot.domain.incoming import Incoming
from bot.domain.triggers import Verdict
from bot.errors import BotError
from bot.services.catching_up import WE_WERE_AWAY, CatchingUp
from bot.services.intake import POISON, POISONED, TOO_OLD, UNEXPECTED, Intake, Recovered
from bot.services.locales import Locales
from bot.services.replies import Replies
from bot.tasks import spawn

log = logging.getLogger(__name__)

EDIT_AGE = timedelta(minutes=15)
"""An older message that is edited into a question is left alone."""


class Conversation(commands.Cog):
    """Brings questions to the route, and nothing else."""

    def __init__(
        self,
        bot: VoiceBot,
        intake: Intake,
        replies: Replies,
        locales: Locales,
        catching_up: CatchingUp,
    ) -> None:
        self._bot = bot
        self._catching_up = catching_up
        self._intake = intake
        self._replies = replies
        self._locales = locales
        self._recovered = Recovered()
        self._untold: Sequence[tuple[Incoming, str]] = ()
        self._expected: dict[int, Callable[[], None]] = {}
        self._traces = Traces(bot)

    async def cog_load(self) -> None:
        """Collect what the last stop cut short, before new messages can arrive."""
        self._recovered = await self._intake.recover()
        self._untold = await self._replies.untold()
        for incoming in (*self._recovered.young, *self._recovered.suspects):
            self._expected[incoming.message_id] = self._replies.expect(incoming)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that is for us."""
        incoming = await self._read(message)
        if incoming is not None:
            await self._talk(incoming)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Take the newest words of a question not yet begun, or a question made by the edit.

        A question that was refused for a lack of words is taken up again once it has them.
        """
        message = event.message
        if message.edited_at is None or message.edited_at - message.created_at > EDIT_AGE:
            return
        self._intake.note_edit(message.id, message.edited_at)
        incoming = await self._read(message)
        if incoming is None or await self._intake.revise(incoming, message.edited_at):
            return
        if await self._intake.reopen(incoming):
            await self._answer(incoming)
        else:
            await self._talk(incoming, edited_at=message.edited_at)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """Drop a deleted question, unless part of its answer stands."""
        await self._intake.cancel({event.message_id})

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """Drop deleted questions, unless part of an answer stands."""
        await self._intake.cancel(event.message_ids)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Go on with what the last stop cut short."""
        recovered, self._recovered = self._recovered, Recovered()
        untold, self._untold = self._untold, ()
        for incoming in (*recovered.answered, *(each for each, _ in untold)):
            self._traces.expect(incoming.room.id, incoming.message_id)
        for incoming in recovered.young:
            spawn(self._resume(incoming), name=f"recovered question {incoming.message_id}")
        spawn(self._resume_in_turn(recovered.suspects), name="recovered suspects")
        spawn(self._tell_late(untold), name="what was not told")
        answered = {incoming.message_id for incoming in recovered.answered}
        for incoming in recovered.too_old:
            with _one_of_many(incoming):
                is_answered = incoming.message_id in answered  # and part of that may stand
                once = WE_WERE_AWAY if is_answered else await self._catching_up.once(incoming)
                await self._give_up(incoming, once, TOO_OLD)
        for incoming, deaths in recovered.poisoned:
            with _one_of_many(incoming):
                sentence = self._account_for_deaths(incoming, deaths)
                await self._give_up(incoming, sentence, POISON)

    async def _tell_late(self, untold: Sequence[tuple[Incoming, str]]) -> None:
        for incoming, words in untold:
            with _one_of_many(incoming):
                await self._replies.tell_late(incoming, words, await self._outlet(incoming))

    async def _give_up(self, incoming: Incoming, sentence: str | None, reason: str) -> None:
        """Close a question and say why, unless its end stands and only that was not noted."""
        if sentence is None:
            await self._intake.close(incoming, reason)
        else:
            outlet = await self._outlet(incoming)
            await self._replies.give_up(incoming, outlet, reason, sentence)

    def _account_for_deaths(self, incoming: Incoming, deaths: int) -> str:
        error = BotError(POISON, POISONED.format(count=deaths))
        where, guild_id = f"question {incoming.message_id}", incoming.room.guild_id
        return self._bot.services.incidents.account_for(error, where, guild_id)

    async def _resume_in_turn(self, suspects: list[Incoming]) -> None:
        """Begin one only when the one before is over: the next death shows which it was."""
        for incoming in suspects:
            with _one_of_many(incoming):
                await self._resume(incoming)

    async def _resume(self, incoming: Incoming) -> None:
        """Answer in the same net that events have."""
        try:
            await self._bot.restraint.over()
            await self._replies.answer(incoming, await self._outlet(incoming))
        except Exception as error:  # noqa: BLE001 - this net logs and tells
            await self._break_off(incoming, error)
        finally:
            self._expected.pop(incoming.message_id)()

    async def _break_off(self, incoming: Incoming, error: Exception) -> None:
        """Close a question over a defect, and say so; the next start posts what is answered."""
        where, guild_id = f"recovered question {incoming.message_id}", incoming.room.guild_id
        if self._bot.is_closed():
            log.info("%s was cut short by the end: %s", where, type(error).__name__)
            return
        sentence = self._bot.services.incidents.account_for(error, where, guild_id)
        if not await self._intake.is_answered(incoming):
            outlet = await self._outlet(incoming)
            await self._replies.give_up(incoming, outlet, UNEXPECTED, sentence)

    async def _read(self, message: discord.Message) -> Incoming | None:
        """Read a message; a thread that the library does not know is looked up first."""
        if message.guild and isinstance(message.channel, discord.PartialMessageable):
            try:
                found = await self._bot.fetch_channel(message.channel.id)
            except CALL_ERRORS as error:
                log.warning("the place of %s is not known: %s", message.id, type(error).__name__)
            else:
                if isinstance(found, discord.Thread):
                    message.channel = found
        return read(message, self._bot.me)

    async def _talk(self, incoming: Incoming, *, edited_at: datetime | None = None) -> None:
        verdict = await self._intake.judge(incoming)
        if verdict is Verdict.IGNORE:
            return
        # Of an edited message, of a DM and while calls are held back there is more to find out, or
        # to wait for, before an answer can begin: they are stored first.
        waits = edited_at is not None or incoming.room.is_dm or self._bot.restraint.wait_s > 0
        if verdict is Verdict.ANSWER and not waits:
            await self._replies.receive(incoming, await self._outlet(incoming))
        elif not await self._intake.keep(incoming):
            if edited_at is not None:
                await self._intake.revise(incoming, edited_at)  # its first words came in between
        elif verdict is Verdict.ANSWER:
            await self._answer(incoming)
        else:
            await self._replies.explain_silence(incoming, await self._outlet(incoming))

    async def _answer(self, incoming: Incoming) -> None:
        """Begin once Discord takes calls at all: nothing is paid for what cannot be posted."""
        await self._bot.restraint.over()
        await self._replies.answer(incoming, await self._outlet(incoming))

    async def _outlet(self, incoming: Incoming) -> RoomOutlet:
        bot, is_dm = self._bot, incoming.room.is_dm
        locale = await self._locales.of(incoming.member.id) if is_dm else None
        source = Source.of(incoming, locale)
        return RoomOutlet(bot, source, bot.voice_bans, bot.gates, bot.components, self._traces)


@contextmanager
def _one_of_many(incoming: Incoming) -> Iterator[None]:
    """Let what goes wrong with one question stop none of the others; the next start sees it."""
    try:
        yield
    except Exception:  # of whatever kind: the log has it whole
        log.exception("question %s is left to the next start", incoming.message_id)


async def setup(bot: VoiceBot) -> None:
    """Give the cog its services."""
    services = bot.services
    await bot.add_cog(
        Conversation(bot, services.intake, services.replies, services.locales, services.catching_up)
    )
