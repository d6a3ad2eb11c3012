"""Answers in words alone: by the audio model to sound, by a text model to words."""

import base64

import pytest

from bot.chat_api.client import open_session
from bot.chat_api.providers import CODINGPLANX
from bot.domain.prompt import FromMember, SpokenBefore, System, WrittenBefore
from bot.domain.reply import ModelAudio, SoundFormat
from bot.errors import AudioGone, ChatApiError
from bot.local.chat_server import ChatServer, faults
from bot.local.chat_server.sound import streamed_wav
from tests.chat_api.world import Calls, follow_up, prompt
from tests.local.chat_spec import request_problems

TEXT_MODELS = ["gpt-5-mini", "gpt-4o-mini"]
CLIP = ModelAudio(streamed_wav(b"\0" * 48_000), "wav", 1.0)
HEARD = (System("Be kind."), FromMember(("How does this sound?", CLIP)))


@pytest.mark.parametrize("model", TEXT_MODELS)
async def test_a_text_model_answers_words_in_words(calls: Calls, model: str) -> None:
    reply = await calls.api().speak(prompt(voice=None, model=model))

    assert "golden retriever" in reply.transcript
    assert reply.sound is None
    assert reply.handle is None
    assert reply.model == model
    assert reply.usage is not None
    assert reply.usage.text_out > 0
    assert (reply.usage.audio_in, reply.usage.audio_out) == (0, 0)


async def test_the_audio_model_answers_sound_in_words(calls: Calls) -> None:
    reply = await calls.api().speak(prompt(*HEARD, voice=None))

    assert "silence" in reply.transcript
    assert reply.sound is None
    assert reply.usage is not None
    assert reply.usage.audio_in == 10
    assert reply.usage.audio_out == 0


async def test_the_audio_model_refuses_words_in_with_words_out(calls: Calls) -> None:
    with pytest.raises(ChatApiError) as caught:
        await calls.api().speak(prompt(voice=None))
    assert caught.value.code == "model_needs_audio"
    assert len(calls.server.seen) == 1


async def test_a_text_model_refuses_sound(calls: Calls) -> None:
    with pytest.raises(ChatApiError) as caught:
        await calls.api().speak(prompt(*HEARD, voice=None, model="gpt-4o-mini"))
    assert caught.value.code == "model_cannot_hear"
    assert len(calls.server.seen) == 1


async def test_a_relay_of_strings_refuses_sound_and_nothing_else_that_it_refuses_is_meant() -> None:
    async with ChatServer(preset="codingplanx") as server, open_session() as session:
        api = Calls(server, session).api(model="gpt-4o-audio-preview", provider=CODINGPLANX)
        with pytest.raises(ChatApiError) as caught:
            await api.speak(prompt(*HEARD))
        assert caught.value.code == "model_cannot_hear"
        assert caught.value.status == 400
        server.faults.next(faults.error(400, "no such question"))
        with pytest.raises(ChatApiError) as caught:
            await api.speak(prompt())
        assert caught.value.code == "request_refused"
        assert len(server.seen) == 2


async def test_a_relay_that_takes_parts_after_all_hears() -> None:
    async with ChatServer(preset="codingplanx-parts") as server, open_session() as session:
        api = Calls(server, session).api(model="gpt-4o-audio-preview", provider=CODINGPLANX)
        assert "silence" in (await api.speak(prompt(*HEARD))).transcript


async def test_a_model_that_only_answers_aloud_is_told_apart(calls: Calls) -> None:
    with pytest.raises(ChatApiError) as caught:
        await calls.api(model="gpt-audio-mini").speak(prompt(*HEARD, voice=None))
    assert caught.value.code == "model_needs_audio"


async def test_a_refusal_that_comes_and_goes_is_asked_once_more(calls: Calls) -> None:
    calls.server.faults.next(faults.needs_audio)
    reply = await calls.api().speak(prompt(*HEARD, voice=None))
    assert "silence" in reply.transcript
    assert len(calls.waits_s) == 1


async def test_failures_are_repeated_as_for_spoken_answers(calls: Calls) -> None:
    calls.server.faults.next(faults.server_error, times=2)
    reply = await calls.api().speak(prompt(voice=None, model="gpt-4o-mini"))
    assert reply.transcript
    assert len(calls.waits_s) == 2


async def test_an_answer_that_does_not_come_in_time_is_given_up(calls: Calls) -> None:
    calls.server.faults.next(faults.blackhole)
    with pytest.raises(ChatApiError) as caught:
        await calls.api(deadline_s=0.2).speak(prompt(voice=None, model="gpt-4o-mini"))
    assert caught.value.code == "timed_out"


async def test_sound_that_nobody_asked_for_is_left_out(calls: Calls) -> None:
    def speak_up(completion: dict[str, object]) -> None:
        choices = completion["choices"]
        assert isinstance(choices, list)
        data = base64.b64encode(CLIP.data).decode()
        choices[0]["message"]["audio"] = {"id": "audio_1", "data": data, "transcript": "Hi"}

    calls.server.faults.next(faults.changed(speak_up))
    reply = await calls.api().speak(prompt(*HEARD, voice=None))
    assert reply.transcript == "Hi"
    assert (reply.sound, reply.handle) == (None, None)


async def test_what_one_model_said_has_an_origin_that_is_only_its_own(calls: Calls) -> None:
    api = calls.api()
    own = await api.speak(prompt())
    other = await api.speak(prompt(model="gpt-audio"))

    assert own.handle is not None
    assert other.handle is not None
    assert own.handle.origin == api.origin == api.origin_of(None) == api.origin_of("gpt-audio-1.5")
    assert other.handle.origin == api.origin_of("gpt-audio") == calls.api(model="gpt-audio").origin
    assert other.handle.origin != own.handle.origin


async def test_a_dead_id_is_named_in_a_written_answer_too(calls: Calls) -> None:
    api = calls.api()
    first = await api.speak(prompt())
    assert first.handle is not None
    calls.server.memory.forget()
    with pytest.raises(AudioGone) as caught:
        await api.speak(
            prompt(SpokenBefore(first.handle), FromMember(("And this?", CLIP)), voice=None)
        )
    assert caught.value.audio_id == first.handle.id


async def test_a_missing_text_model_is_not_blamed_on_the_setting_of_the_other(
    calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ChatApiError) as caught:
        await calls.api().speak(prompt(voice=None, model="gpt-3"))
    assert caught.value.code == "model_not_found"
    assert "does not offer gpt-3" in caplog.text
    assert "OPENAI_MODEL" not in caplog.text


@pytest.mark.parametrize("format", ["wav", "pcm16"])
async def test_every_request_is_what_openai_describes(calls: Calls, format: SoundFormat) -> None:
    api = calls.api()
    spoken = await api.speak(prompt(format=format, temperature=0.8, top_p=0.9, seed=1))
    assert spoken.handle is not None
    await api.speak(follow_up(spoken.handle))
    await api.speak(prompt(*HEARD, WrittenBefore("Fine."), *HEARD[1:], voice=None))
    await api.speak(prompt(voice=None, model="gpt-4o-mini", presence_penalty=1))

    assert len(calls.server.completions_seen) == 4
    for body in calls.server.completions_seen:
        assert request_problems(body) == []
