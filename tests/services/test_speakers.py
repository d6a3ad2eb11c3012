"""Several servers: who is asked, what each is told, and what the member learns of it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.prompt import KEEP_SPEAKING, FromMember, Prompt, SpokenBefore, System, WrittenBefore
from bot.domain.reply import AudioHandle, SpokenReply, StandIn, Usage
from bot.domain.tools import Tool
from bot.domain.usage import Waste
from bot.errors import AudioGone, ChatApiError
from bot.services.alarms import EVERY, Alarms
from bot.services.breaking import BREAK, BREAKS_AFTER, DOWN, OUT, PAUSES
from bot.services.speakers import Ranked, Speakers
from tests.fakes import ScriptedSpeaker, StoppedClock

ASKED = Prompt(
    (System("Be kind."), FromMember(("Hello",))),
    voice="cedar",
    format="mp3",
    max_tokens=500,
    asker="ada",
)
OFFERED = replace(ASKED, tools=(Tool("now", "Tells the time.", {"type": "object"}),))


def failed(code: str) -> ChatApiError:
    return ChatApiError(code, f"It failed: {code}.")


class Servers:
    """Two servers that can be made to fail."""

    def __init__(self) -> None:
        self.clock = StoppedClock()
        self.alarms = Alarms(self.clock)
        self.told: list[str] = []
        self.first = ScriptedSpeaker(self.clock, origin="first")
        self.second = ScriptedSpeaker(self.clock, origin="second")
        self.all = Speakers(
            [
                Ranked("First", self.first, "gpt-5-mini", lambda voice: voice),
                Ranked("Second", self.second, None, lambda _voice: "onyx"),
            ],
            self.alarms,
            self.clock,
        )

    async def hear_alarms(self) -> None:
        async def tell(sentence: str) -> bool:
            self.told.append(sentence)
            return True

        self.alarms.attach(tell)
        await asyncio.sleep(0)

    async def ask(self, prompt: Prompt = ASKED) -> SpokenReply:
        return await self.all.speak(prompt, lambda _waste: None)


@pytest.fixture
def servers() -> Servers:
    return Servers()


async def test_the_first_answers_and_nobody_else_is_asked(servers: Servers) -> None:
    reply = await servers.ask()
    assert reply.stand_in is None
    assert len(servers.first.heard) == 1
    assert servers.second.heard == []


@pytest.mark.parametrize("code", sorted(DOWN | OUT))
async def test_the_next_answers_with_its_own_model_and_voice(servers: Servers, code: str) -> None:
    servers.first.script = [failed(code)]
    reply = await servers.ask(replace(ASKED, model="gpt-audio-mini"))
    assert reply.stand_in == StandIn("Second", "onyx")
    [asked] = servers.second.heard
    assert asked.model is None


async def test_a_voice_that_stays_is_not_spoken_of(servers: Servers) -> None:
    servers.first.script = [failed("unreachable")]
    assert (await servers.ask(replace(ASKED, voice="onyx"))).stand_in == StandIn("Second", None)


@pytest.mark.parametrize("code", sorted(DOWN | OUT))
async def test_a_server_that_failed_is_left_alone_for_a_while(servers: Servers, code: str) -> None:
    servers.first.script = [failed(code)]
    await servers.ask()
    await servers.ask()
    assert len(servers.first.heard) == 1
    servers.clock.pass_time(PAUSES[code] + timedelta(seconds=1))
    assert (await servers.ask()).stand_in is None


@pytest.mark.parametrize(
    "code", ["request_refused", "voice_refused", "content_filter", "out_of_time"]
)
async def test_what_another_server_would_refuse_as_well_is_told(
    servers: Servers, code: str
) -> None:
    servers.first.script = [failed(code)]
    with pytest.raises(ChatApiError, match=code):
        await servers.ask()
    assert servers.second.heard == []


async def test_a_dead_id_is_mended_and_not_passed_on(servers: Servers) -> None:
    servers.first.script = [AudioGone("audio_1")]
    with pytest.raises(AudioGone):
        await servers.ask()
    assert servers.second.heard == []


async def test_when_none_can_the_first_ones_reason_is_told_and_all_are_tried_again(
    servers: Servers,
) -> None:
    servers.first.script = [failed("quota_exhausted")]
    servers.second.script = [failed("unreachable")]
    with pytest.raises(ChatApiError, match="quota_exhausted"):
        await servers.ask()
    assert (await servers.ask()).stand_in is None


async def test_an_audio_id_never_goes_to_another_server(servers: Servers) -> None:
    expires_at = servers.clock.now + timedelta(hours=1)
    ours = SpokenBefore(AudioHandle("audio_1", expires_at, "first"), "Hi Ada.")
    theirs = SpokenBefore(AudioHandle("audio_2", expires_at, "second"), "Hi again.")
    asked = replace(ASKED, messages=(*ASKED.messages, ours, theirs, FromMember(("And?",))))
    await servers.ask(asked)
    system, _, kept, told, _ = servers.first.heard[0].messages
    assert (kept, told) == (ours, WrittenBefore("Hi again."))
    assert system == System(f"Be kind.\n\n{KEEP_SPEAKING}")
    servers.first.script = [failed("unreachable")]
    await servers.ask(asked)
    _, _, told, kept, _ = servers.second.heard[0].messages
    assert (told, kept) == (WrittenBefore("Hi Ada."), theirs)


async def test_text_goes_only_to_servers_with_a_model_for_it(servers: Servers) -> None:
    servers.first.script = [failed("unreachable")]
    with pytest.raises(ChatApiError, match="unreachable"):
        await servers.ask(replace(ASKED, voice=None, model="gpt-5-mini"))
    assert servers.second.heard == []


async def test_what_was_paid_for_on_the_way_is_told(servers: Servers) -> None:
    servers.first.script = [failed("server_failed")]
    servers.first.waste = [Waste(Usage(text_in=9), "gpt-audio-1.5")]
    wasted: list[Waste] = []
    await servers.all.speak(ASKED, wasted.append)
    assert len(wasted) == 1


def test_the_times_are_those_that_the_manual_tells() -> None:
    half_a_minute, ten_minutes = timedelta(seconds=30), timedelta(minutes=10)
    assert {PAUSES[code] for code in DOWN} == {half_a_minute}
    assert {PAUSES[code] for code in OUT} == {ten_minutes}
    assert [BREAKS_AFTER[code] for code in ("unreachable", "quota_exhausted")] == [5, 3]
    assert [half_a_minute, timedelta(hours=1)] == [BREAK, EVERY]


def test_the_ids_of_all_servers_are_known(servers: Servers) -> None:
    assert servers.all.origin_of("mini") == "first, mini"
    assert servers.all.origins(None) == {"first", "second"}
    assert servers.all.origins("mini") == {"first, mini", "second"}
    assert servers.all.origin == "first"


async def test_a_server_that_may_only_refuse_functions_is_asked_without_them_first(
    servers: Servers,
) -> None:
    for status in (404, 500):
        servers.first.script = [ChatApiError("server_failed", "It failed.", status=status)]
        with pytest.raises(ChatApiError):
            await servers.ask(OFFERED)
    assert (await servers.ask()).stand_in is None
    assert servers.second.heard == []


@pytest.fixture
def alone(servers: Servers) -> Servers:
    servers.all = Speakers(
        [Ranked("First", servers.first, None, lambda voice: voice)], servers.alarms, servers.clock
    )
    return servers


@pytest.mark.parametrize("code", sorted(DOWN | OUT))
async def test_who_keeps_failing_is_left_alone_and_then_tried_once(
    alone: Servers, code: str
) -> None:
    most = BREAKS_AFTER[code]
    alone.first.script = [failed(code)] * (most + 1)
    for _ in range(most + 3):
        with pytest.raises(ChatApiError, match=code):
            await alone.ask()
    assert len(alone.first.heard) == most
    alone.clock.pass_time(BREAK)
    for _ in range(2):
        with pytest.raises(ChatApiError, match=code):
            await alone.ask()
    assert len(alone.first.heard) == most + 1
    alone.clock.pass_time(BREAK)
    await alone.ask()
    await alone.ask()


async def test_who_was_given_no_time_is_not_blamed(alone: Servers) -> None:
    many = 2 * max(BREAKS_AFTER.values())
    alone.first.script = [failed("out_of_time")] * many
    for _ in range(many):
        with pytest.raises(ChatApiError, match="out_of_time"):
            await alone.ask()
    await alone.ask()
    assert len(alone.first.heard) == many + 1


async def test_one_answer_makes_up_for_all_failures_before_it(alone: Servers) -> None:
    for _ in range(3):
        alone.first.script = [failed("unreachable")] * 4
        for _ in range(4):
            with pytest.raises(ChatApiError):
                await alone.ask()
        await alone.ask()


async def test_whoever_runs_the_bot_is_told_once_an_hour_what_only_they_can_mend(
    alone: Servers,
) -> None:
    for code in ("quota_exhausted", "unreachable", "quota_exhausted", "key_refused"):
        alone.first.script = [failed(code)]
        with pytest.raises(ChatApiError):
            await alone.ask()
        await alone.ask()
    await alone.hear_alarms()
    assert alone.told == [
        "First: It failed: quota_exhausted.",
        "First: It failed: key_refused.",
    ]
    alone.clock.pass_time(EVERY)
    alone.first.script = [failed("quota_exhausted")]
    with pytest.raises(ChatApiError):
        await alone.ask()
    await asyncio.sleep(0)
    assert len(alone.told) == 3


async def test_whoever_runs_the_bot_is_told_once_an_hour_of_a_server_that_stays_down(
    alone: Servers,
) -> None:
    await alone.hear_alarms()
    await broken(alone)
    alone.clock.pass_time(BREAK)
    alone.first.script = [failed("unreachable")]
    with pytest.raises(ChatApiError):
        await alone.ask()
    await asyncio.sleep(0)
    assert alone.told == ["First: It failed: unreachable."]


async def test_a_model_that_is_gone_silences_nobody_who_asks_another(alone: Servers) -> None:
    gone = replace(ASKED, model="gone")
    alone.first.script = [failed("model_not_found")] * 3
    for _ in range(5):
        with pytest.raises(ChatApiError, match="model_not_found"):
            await alone.ask(gone)
    assert len(alone.first.heard) == 3
    await alone.ask()
    await alone.ask(replace(ASKED, model="another"))


async def broken(alone: Servers) -> None:
    alone.first.script = [failed("unreachable")] * 5
    for _ in range(5):
        with pytest.raises(ChatApiError):
            await alone.ask()


@pytest.mark.parametrize("status", [404, 500])
async def test_who_finds_out_and_is_refused_functions_may_ask_without_them(
    alone: Servers, status: int
) -> None:
    await broken(alone)
    alone.clock.pass_time(BREAK)
    alone.first.script = [ChatApiError("server_failed", "It failed.", status=status)]
    with pytest.raises(ChatApiError):
        await alone.ask(OFFERED)
    await alone.ask()


async def test_who_finds_out_and_is_refused_for_another_reason_keeps_nobody_out(
    alone: Servers,
) -> None:
    await broken(alone)
    alone.clock.pass_time(BREAK)
    alone.first.script = [failed("voice_refused"), failed("unreachable")]
    with pytest.raises(ChatApiError, match="voice_refused"):
        await alone.ask()
    for _ in range(2):
        with pytest.raises(ChatApiError, match="unreachable"):
            await alone.ask()
    assert len(alone.first.heard) == 7


async def test_a_clock_that_is_put_back_keeps_no_server_out(alone: Servers) -> None:
    await broken(alone)
    alone.clock.pass_time(timedelta(days=-365))
    await alone.ask()


async def test_after_a_break_one_question_finds_out_for_all(alone: Servers) -> None:
    alone.first.script = [failed("unreachable")] * 6
    for _ in range(5):
        with pytest.raises(ChatApiError):
            await alone.ask()
    alone.clock.pass_time(BREAK)
    results = await asyncio.gather(*(alone.ask() for _ in range(10)), return_exceptions=True)
    assert all(isinstance(result, ChatApiError) for result in results)
    assert len(alone.first.heard) == 6
