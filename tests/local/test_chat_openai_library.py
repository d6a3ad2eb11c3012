"""openai-python, which knows nothing of us, as a client of the stand-in."""

import base64

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletion, ChatCompletionAudio, ChatCompletionMessageParam

from bot.audio.decode import decode
from bot.local.chat_server import ChatServer, faults
from bot.local.chat_server.sound import streamed_wav
from bot.local.espeak import Espeak

MODEL = "gpt-audio-1.5"
QUESTION: ChatCompletionMessageParam = {
    "role": "user",
    "content": "Is a golden retriever a good family dog?",
}


async def ask(client: AsyncOpenAI, *messages: ChatCompletionMessageParam) -> ChatCompletion:
    return await client.chat.completions.create(
        model=MODEL,
        modalities=["text", "audio"],
        audio={"voice": "coral", "format": "wav"},
        messages=list(messages),
    )


async def hear(client: AsyncOpenAI, *messages: ChatCompletionMessageParam) -> ChatCompletionAudio:
    audio = (await ask(client, *messages)).choices[0].message.audio
    assert audio is not None
    return audio


async def test_the_library_gets_a_spoken_answer(client: AsyncOpenAI) -> None:
    completion = await ask(client, QUESTION)
    audio = completion.choices[0].message.audio
    usage = completion.usage

    assert audio is not None
    assert usage is not None
    assert usage.completion_tokens_details is not None
    assert "good family dog" in audio.transcript
    assert decode(base64.b64decode(audio.data), max_seconds=60).seconds > 2
    assert usage.completion_tokens_details.audio_tokens
    assert (completion._request_id or "").startswith("req_")


async def test_the_library_sends_a_recording(client: AsyncOpenAI) -> None:
    recording = base64.b64encode(streamed_wav(Espeak().speak("Good evening.", "onyx"))).decode()
    audio = await hear(
        client,
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "How does this voice sound?"},
                {"type": "input_audio", "input_audio": {"data": recording, "format": "wav"}},
            ],
        },
    )
    assert "very low voice" in audio.transcript


async def test_the_library_continues_by_audio_id(client: AsyncOpenAI) -> None:
    first = await hear(client, QUESTION)
    second = await hear(
        client,
        QUESTION,
        {"role": "assistant", "audio": {"id": first.id}},
        {"role": "user", "content": "What did you say?"},
    )
    assert second.transcript == f"I said: {first.transcript}"


async def test_the_library_sees_the_models(client: AsyncOpenAI) -> None:
    assert MODEL in [model.id async for model in client.models.list()]
    assert (await client.models.retrieve(MODEL)).id == MODEL


async def test_an_unknown_audio_id_is_the_librarys_bad_request(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await ask(client, QUESTION, {"role": "assistant", "audio": {"id": "audio_x"}})
    assert caught.value.code == "audio_not_found"
    assert caught.value.param == "content.messages[1].audio.id"


async def test_a_wrong_key_is_the_librarys_authentication_error(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        await ask(client.with_options(api_key="sk-nobody"), QUESTION)
    assert caught.value.code == "invalid_api_key"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.rate_limited("1"), openai.RateLimitError),
        (faults.quota(), openai.RateLimitError),
        (faults.server_error, openai.InternalServerError),
        (faults.html_502, openai.InternalServerError),
        (faults.wrong_country, openai.PermissionDeniedError),
        (faults.voice_unknown, openai.BadRequestError),
        (faults.fastapi_error, openai.UnprocessableEntityError),
        (faults.too_large, openai.APIStatusError),
        (faults.reset, openai.APIConnectionError),
    ],
)
async def test_faults_are_what_the_library_takes_them_for(
    server: ChatServer, client: AsyncOpenAI, fault: faults.Fault, kind: type[Exception]
) -> None:
    server.faults.next(fault)
    with pytest.raises(kind):
        await ask(client, QUESTION)


async def test_the_library_retries_what_passes(server: ChatServer, client: AsyncOpenAI) -> None:
    server.faults.next(faults.error(429, "slow down", headers={"retry-after-ms": "1"}))
    completion = await ask(client.with_options(max_retries=1), QUESTION)
    assert completion.choices[0].message.audio is not None
    assert len(server.completions_seen) == 2


async def test_a_stream_is_refused_clearly(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="does not support 'wav' when stream=true"):
        await client.chat.completions.create(
            model=MODEL,
            modalities=["text", "audio"],
            audio={"voice": "coral", "format": "wav"},
            messages=[QUESTION],
            stream=True,
        )
