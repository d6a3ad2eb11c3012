"""Voice messages to the stand-in, heard by real recognition, through openai-python."""

import base64
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionContentPartParam, ChatCompletionMessageParam

pytest.importorskip("onnxruntime", reason="there is no onnxruntime for this machine")

from bot.audio.decode import decode
from bot.audio.encode import encode
from bot.local.chat_server import ChatServer
from bot.local.chat_server.engines import Line
from bot.local.chat_server.listening import Listener
from bot.local.chat_server.mind import RuleMind
from bot.local.chat_server.sound import streamed_wav
from bot.local.speech.moonshine import Moonshine, find_model
from bot.local.speech.natural import NaturalVoice
from tests.local.speech.sentences import accuracy

NOON = datetime(2026, 11, 21, 12, 5, tzinfo=UTC)


@pytest.fixture(scope="session")
def natural() -> NaturalVoice:
    return NaturalVoice()


@pytest.fixture(scope="session")
def ears() -> Moonshine:
    return Moonshine(find_model())


@pytest_asyncio.fixture
async def client(natural: NaturalVoice, ears: Moonshine) -> AsyncIterator[AsyncOpenAI]:
    mind = RuleMind(now=lambda: NOON)
    async with (
        ChatServer(ears=ears, mind=mind, voice=natural) as server,
        AsyncOpenAI(api_key=server.key, base_url=server.base_url, max_retries=0) as client,
    ):
        yield client


def spoken(pcm: bytes, *texts: str) -> ChatCompletionMessageParam:
    data = base64.b64encode(streamed_wav(pcm)).decode()
    written: Iterable[ChatCompletionContentPartParam] = (
        {"type": "text", "text": text} for text in texts
    )
    clip: ChatCompletionContentPartParam = {
        "type": "input_audio", "input_audio": {"data": data, "format": "wav"},
    }  # fmt: skip
    return {"role": "user", "content": [*written, clip]}


async def answer(client: AsyncOpenAI, *messages: ChatCompletionMessageParam) -> tuple[str, bytes]:
    completion = await client.chat.completions.create(
        model="gpt-audio-1.5",
        modalities=["text", "audio"],
        audio={"voice": "cedar", "format": "wav"},
        messages=list(messages),
    )
    audio = completion.choices[0].message.audio
    assert audio is not None
    return audio.transcript, base64.b64decode(audio.data)


async def test_a_spoken_sum_is_worked_out_and_the_answer_can_be_heard(
    client: AsyncOpenAI, natural: NaturalVoice, ears: Moonshine
) -> None:
    said, sound = await answer(client, spoken(natural.speak("What is seven times six?", "ash")))
    assert said == "That makes 42."
    pcm = bytes(decode(sound, max_seconds=60).pcm)
    assert accuracy(said, ears.hear(pcm)) >= 0.8


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Hello there!", "Hello!"),
        ("What time is it right now?", "It is 12:05 PM."),
        ("What day is it today?", "Today is Saturday, November 21, 2026."),
        ("Who are you?", "I am the built-in practice model"),
        ("Is a golden retriever a good family dog?", "Yes, a golden retriever"),
    ],
)
async def test_spoken_questions_meet_the_rules(
    client: AsyncOpenAI, natural: NaturalVoice, question: str, expected: str
) -> None:
    said, _ = await answer(client, spoken(natural.speak(question, "nova")))
    assert said.startswith(expected)


async def test_a_spoken_name_is_remembered(client: AsyncOpenAI, natural: NaturalVoice) -> None:
    told = spoken(natural.speak("My name is Peter.", "echo"))
    first, _ = await answer(client, told)
    asked = spoken(natural.speak("What is my name?", "echo"))
    said, _ = await answer(client, told, {"role": "assistant", "content": first}, asked)
    assert said == "Your name is Peter."


async def test_how_a_voice_sounds_is_said_of_that_recording(
    client: AsyncOpenAI, natural: NaturalVoice
) -> None:
    pcm = natural.speak("The train leaves at seven.", "onyx")
    written, _ = await answer(client, spoken(pcm, "How does this voice sound?"))
    assert "low voice" in written
    question = natural.speak("How does this voice sound?", "shimmer")
    aloud, _ = await answer(client, spoken(question))
    assert "high voice" in aloud


async def test_what_a_recording_says_can_be_asked(
    client: AsyncOpenAI, natural: NaturalVoice
) -> None:
    pcm = natural.speak("The train leaves at seven.", "onyx")
    said, _ = await answer(client, spoken(pcm, "What does this recording say?"))
    assert accuracy("I hear: The train leaves at seven.", said) >= 0.8


async def test_a_recording_without_words_is_said_to_have_none(client: AsyncOpenAI) -> None:
    said, _ = await answer(client, spoken(bytes(96_000)))
    assert "silence" in said
    assert "no words" in said


async def test_a_spoken_wish_has_a_function_called(
    client: AsyncOpenAI, natural: NaturalVoice
) -> None:
    count: dict[str, object] = {"type": "integer"}
    parameters: dict[str, object] = {
        "type": "object", "properties": {"count": count, "sides": count},
    }  # fmt: skip
    completion = await client.chat.completions.create(
        model="gpt-audio-1.5",
        modalities=["text", "audio"],
        audio={"voice": "cedar", "format": "wav"},
        messages=[spoken(natural.speak("Please roll two dice with twenty sides.", "nova"))],
        tools=[
            {"type": "function", "function": {"name": "roll_dice", "parameters": parameters}},
        ],
    )
    [call] = completion.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert call.function.arguments == '{"count":2,"sides":20}'


async def test_a_recording_is_written_down(client: AsyncOpenAI, natural: NaturalVoice) -> None:
    pcm = natural.speak("The train leaves at seven.", "onyx")
    written = await client.audio.transcriptions.create(
        model="gpt-transcribe", file=("question.ogg", encode(pcm, "opus"))
    )
    assert accuracy("The train leaves at seven.", written.text) >= 0.8


async def test_what_no_rule_fits_is_repeated_as_heard(
    client: AsyncOpenAI, natural: NaturalVoice
) -> None:
    said, _ = await answer(client, spoken(natural.speak("I like to read old books.", "nova")))
    assert said.startswith("I heard: I like to read old books.")


def test_a_clip_that_is_sent_again_is_not_heard_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting:
        heard = 0

        def hear(self, pcm: bytes) -> str:
            self.heard += 1
            return f"{len(pcm)} bytes"

    counting = Counting()
    listener = Listener(counting)
    lines = [Line("member", "", (b"ab", b"abcd")), Line("model", "Yes.")]
    assert [line.spoken for line in listener.listen(lines)] == ["2 bytes 4 bytes", ""]
    assert listener.listen(lines) == listener.listen(lines)
    assert counting.heard == 2
    monkeypatch.setattr("bot.local.chat_server.listening._MOST", 1)
    listener.listen([Line("member", "", (b"new",))])
    listener.listen(lines)
    assert counting.heard == 5
