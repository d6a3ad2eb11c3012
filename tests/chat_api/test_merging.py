import base64
import json
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat_api import answer
from bot.chat_api.assembling import Expected, assemble
from bot.chat_api.merging import Merger
from bot.domain.reply import Sound, SpokenReply, Usage
from bot.domain.tools import ToolCall
from bot.errors import ChatApiError
from bot.local.chat_server.presets import PRESETS, Preset

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
EXPECTED = Expected("pcm16", "asked", "origin", NOW, "req_1")
PCM = bytes(range(256)) * 8
USAGE = {
    "completion_tokens": 54,
    "completion_tokens_details": {"audio_tokens": 37, "text_tokens": 17},
}

ASKED = {"audio_tokens": 0, "text_tokens": 8, "cached_tokens": 0}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def event(**fields: object) -> bytes:
    return b"data: " + json.dumps({"created": NOW_S, "model": "m-1", **fields}).encode() + b"\n\n"


def delta(index: int = 0, finish: str | None = None, **fields: object) -> bytes:
    return event(choices=[{"index": index, "delta": fields, "finish_reason": finish}])


def audio(index: int = 0, **fields: object) -> bytes:
    return delta(index, audio=fields)


BEGUN = audio(id="audio_1", transcript="Hi")
SOUND = audio(data=b64(PCM))
EXPIRY = audio(expires_at=NOW_S + 3000)
DONE = b"data: [DONE]\n\n"


def merge(*pieces: bytes, lost: bool = False, expected: Expected = EXPECTED) -> SpokenReply:
    merger = Merger()
    for piece in pieces:
        merger.feed(piece)
    if not lost:
        merger.end()
    return assemble(merger.answer(lost=lost), expected)


def test_a_stream_is_merged_into_one_reply() -> None:
    reply = merge(
        delta(role="assistant", refusal=None),
        BEGUN,
        audio(transcript=" there!"),
        audio(data=b64(PCM[:500])),
        audio(data=b64(PCM[500:])),
        event(choices=[], usage=USAGE),
        EXPIRY,
        DONE,
    )
    assert reply.transcript == "Hi there!"
    assert reply.sound == Sound(PCM, "pcm16")
    assert reply.handle is not None
    assert (reply.handle.id, reply.handle.origin) == ("audio_1", "origin")
    assert reply.handle.expires_at == NOW + timedelta(seconds=3000)
    assert reply.usage == Usage(text_out=17, audio_out=37)
    assert (reply.model, reply.request_id, reply.finish) == ("m-1", "req_1", "stop")


def test_words_are_told_as_they_come() -> None:
    merger = Merger()
    assert merger.feed(delta(role="assistant") + BEGUN[:-1]) == ""
    assert merger.feed(BEGUN[-1:] + audio(transcript=" there")) == "Hi there"
    assert merger.feed(SOUND) == ""
    assert merger.feed(audio(transcript="!") + DONE) == "!"


def test_written_words_are_told_unless_they_are_spoken_as_well() -> None:
    written, both = Merger(), Merger()
    assert written.feed(delta(content="Hi") + delta(content=" there")) == "Hi there"
    twice = delta(content="Hi", audio={"transcript": "Hi"})
    assert both.feed(twice + delta(content="!")) == "Hi"


def test_an_id_and_an_expiry_that_are_repeated_are_neither_joined_nor_added() -> None:
    again: dict[str, Any] = {"id": "audio_1", "expires_at": NOW_S + 3000}
    reply = merge(audio(transcript="Hi", **again), audio(data=b64(PCM), **again), DONE)
    assert reply.handle is not None
    assert reply.handle.id == "audio_1"
    assert reply.handle.expires_at == NOW + timedelta(seconds=3000)


def test_the_first_of_two_ids_counts() -> None:
    reply = merge(BEGUN, audio(id="audio_2", data=b64(PCM)), DONE)
    assert reply.handle is not None
    assert reply.handle.id == "audio_1"


def test_each_piece_of_sound_is_base64_of_its_own() -> None:
    padded = [audio(data=b64(PCM[at : at + 100])) for at in range(0, len(PCM), 100)]
    assert merge(*padded, DONE).sound == Sound(PCM, "pcm16")


def test_a_piece_may_be_a_data_uri_or_broken_into_lines() -> None:
    uri = f"data:audio/pcm;base64,{b64(PCM[:1000])}"
    lines = base64.encodebytes(PCM[1000:]).decode()
    assert merge(audio(data=uri), audio(data=lines), DONE).sound == Sound(PCM, "pcm16")


@pytest.mark.parametrize("data", ["", None, "###", 7, 1234, ["UklGRg=="], {"a": 1}, "é", "QQ"])
def test_a_piece_that_is_no_base64_is_no_sound(data: object) -> None:
    reply = merge(BEGUN, audio(data=data), SOUND, DONE)
    assert reply.transcript == "Hi"
    assert reply.sound == Sound(PCM, "pcm16")


def test_sound_says_itself_whether_it_is_a_file() -> None:
    wav = b"RIFF\xff\xff\xff\xffWAVE" + PCM
    for wanted in ("pcm16", "wav", "mp3"):
        expected = Expected(wanted, "asked", "origin", NOW)
        assert merge(SOUND, DONE, expected=expected).sound == Sound(PCM, "pcm16")
        assert merge(audio(data=b64(wav)), DONE, expected=expected).sound == Sound(wav, "wav")


def test_sound_that_nobody_wanted_is_left_out() -> None:
    reply = merge(BEGUN, SOUND, DONE, expected=Expected(None, "asked", "origin", NOW))
    assert (reply.transcript, reply.sound, reply.handle) == ("Hi", None, None)


def test_words_may_come_where_written_ones_are() -> None:
    reply = merge(
        delta(content="Hi", audio={"id": "audio_1", "transcript": None, "expires_at": None}),
        delta(content=" there"),
        delta(audio={"data": b64(PCM), "transcript": None}),
        DONE,
    )
    assert reply.transcript == "Hi there"
    assert reply.sound == Sound(PCM, "pcm16")


def test_the_transcript_counts_where_both_kinds_of_words_come() -> None:
    assert merge(delta(content="Written."), BEGUN, DONE).transcript == "Hi"


def test_words_and_sound_may_come_in_choices_of_their_own() -> None:
    reply = merge(
        delta(0, content="Wor"),
        audio(1, id="audio_1", data=b64(PCM[:100])),
        delta(0, content="ds."),
        audio(1, data=b64(PCM[100:])),
        DONE,
    )
    assert reply.transcript == "Words."
    assert reply.sound == Sound(PCM, "pcm16")
    assert reply.handle is not None


def test_sound_may_come_where_the_words_were() -> None:
    wav = b"RIFF\xff\xff\xff\xffWAVE" + PCM
    reply = merge(
        event(modality="text", choices=[{"delta": {"content": "Words."}}]),
        event(modality="audio", choices=[{"delta": {"content": b64(wav)}}]),
        DONE,
    )
    assert (reply.transcript, reply.sound) == ("Words.", Sound(wav, "wav"))


def test_chunks_without_choices_and_with_fields_nobody_knows_change_nothing() -> None:
    odd = (
        event(choices=[]),
        event(usage=None, choices=None),
        event(obfuscation="r4N7vQ2m"),
        b": PROCESSING\n\n",
        b"data: {}\n\ndata: ping\n\ndata: 7\n\ndata: null\n\ndata: []\n\n",
        b'data: {"choices": [{"delta": \n\n',
        event(choices=7),
        event(error=None, provider="somebody"),
        event(choices=[{"index": 0, "delta": None}]),
        event(choices=[{"index": None, "delta": {"content": "", "role": "assistant"}}]),
    )
    reply = merge(*odd, BEGUN, *odd, SOUND, *odd, EXPIRY, *odd, DONE)
    assert reply == merge(BEGUN, SOUND, EXPIRY, DONE)


@pytest.mark.parametrize("place", range(4))
def test_usage_may_come_anywhere(place: int) -> None:
    stream = [BEGUN, SOUND, EXPIRY]
    stream.insert(place, event(choices=[{"delta": {"content": ""}}], usage=USAGE))
    assert merge(*stream, event(usage=None), DONE).usage == Usage(text_out=17, audio_out=37)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
def test_the_streams_of_every_system_say_the_same(preset: Preset) -> None:
    spoken = {"id": "audio_1", "data": b64(PCM), "expires_at": NOW_S + 3000, "transcript": "Hi. So"}
    message = {"role": "assistant", "content": None, "refusal": None, "audio": spoken}
    completion = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": NOW_S,
        "model": "m-1",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 8, "total_tokens": 62, "prompt_tokens_details": ASKED, **USAGE},
        "service_tier": "default",
        "system_fingerprint": "fp",
    }
    reply = merge(*preset.events(completion, True))
    assert (reply.transcript, reply.finish) == ("Hi. So", "stop")
    assert reply.sound == Sound(PCM, "pcm16")


# --- how it ends


ENDS: dict[str, Sequence[bytes]] = {
    "the last event": [BEGUN, SOUND, DONE],
    "a reason": [BEGUN, SOUND, delta(finish="stop")],
    "a reason before the expiry": [BEGUN, delta(finish="stop", audio={"data": b64(PCM)}), EXPIRY],
    "the expiry alone": [BEGUN, SOUND, EXPIRY],
    "the expiry before the usage": [BEGUN, SOUND, EXPIRY, event(choices=[], usage=USAGE)],
    "the expiry with each sound": [BEGUN, audio(data=b64(PCM), expires_at=NOW_S + 9)],
}


@pytest.mark.parametrize("stream", ENDS.values(), ids=ENDS.keys())
def test_every_end_that_is_told_is_one(stream: Sequence[bytes]) -> None:
    reply = merge(*stream)
    assert reply.finish == "stop"
    assert reply.sound == Sound(PCM, "pcm16")
    assert reply.handle is not None


CUTS: dict[str, Sequence[bytes]] = {
    "in the middle of the sound": [BEGUN, SOUND],
    "in the middle of a line": [BEGUN, SOUND, audio(data=b64(PCM))[:-50]],
    "in the middle of the words": [BEGUN],
    "with sound after an expiry": [BEGUN, EXPIRY, SOUND],
    "before any word": [SOUND],
}


@pytest.mark.parametrize("stream", CUTS.values(), ids=CUTS.keys())
def test_of_a_stream_without_an_end_everything_but_its_id_is_kept(stream: Sequence[bytes]) -> None:
    reply = merge(*stream)
    assert reply.finish == "broken_off"
    assert reply.handle is None
    assert reply.transcript == ("Hi" if BEGUN in stream else "")
    assert reply.sound == (Sound(PCM, "pcm16") if SOUND in stream else None)


def test_a_lost_connection_cuts_whatever_was_told() -> None:
    reply = merge(BEGUN, SOUND, EXPIRY, lost=True)
    assert (reply.finish, reply.handle) == ("broken_off", None)
    assert reply.sound == Sound(PCM, "pcm16")


def test_nothing_counts_after_the_end() -> None:
    merger = Merger()
    merger.feed(BEGUN + SOUND + DONE)
    assert merger.is_over
    assert merger.feed(audio(transcript="!", data=b64(PCM)) + event(error={"code": 500})) == ""
    assert merger.end() == ""
    assert assemble(merger.answer(), EXPECTED) == merge(BEGUN, SOUND, DONE)


@pytest.mark.parametrize(("finish", "expected"), [("length", "length"), ("tool_calls", "stop")])
def test_why_it_stopped_is_told(finish: str, expected: str) -> None:
    assert merge(BEGUN, SOUND, delta(finish=finish), EXPIRY, DONE).finish == expected


def test_a_refusal_is_told_from_an_answer() -> None:
    reply = merge(delta(refusal="I can't "), delta(refusal="help."), delta(finish="stop"), DONE)
    assert (reply.finish, reply.transcript) == ("refused", "I can't help.")


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        ([], "answer_unreadable"),
        ([DONE], "answer_unreadable"),
        ([b": PROCESSING\n\n", event(choices=[])], "answer_unreadable"),
        ([b"<html>"], "answer_unreadable"),
        ([delta(role="assistant")], "answer_empty"),
        ([delta(role="assistant"), DONE], "answer_empty"),
        ([delta(content=" "), delta(finish="stop"), DONE], "answer_empty"),
        ([delta(finish="length"), DONE], "answer_cut_off"),
        ([delta(finish="content_filter"), DONE], "content_filter"),
    ],
)
def test_a_stream_that_says_nothing_is_no_answer(stream: list[bytes], code: str) -> None:
    with pytest.raises(ChatApiError) as caught:
        merge(*stream)
    assert (caught.value.code, caught.value.request_id) == (code, "req_1")


@pytest.mark.parametrize(
    "failed",
    [
        event(error={"message": "no", "code": 500}),
        event(error="no"),
        event(error={"code": 500}, choices=[{"index": 0, "delta": {"content": "x"}}]),
        b"event: error\n" + event(message="no"),
        b"event: error\ndata: no\n\n",
    ],
)
def test_a_failure_ends_the_stream_and_is_kept_as_it_came(failed: bytes) -> None:
    merger = Merger()
    merger.feed(BEGUN + SOUND + failed + SOUND + BEGUN)
    assert merger.is_over
    kept = merger.answer()
    assert kept.error == failed.partition(b"data: ")[2].strip()
    assert [said.sound for said in kept.choices] == [PCM]


# --- calls


def calls(*pieces: dict[str, Any]) -> bytes:
    return delta(tool_calls=list(pieces))


def test_calls_are_put_together_by_their_index() -> None:
    reply = merge(
        calls({"index": 0, "id": "call_a", "function": {"name": "time", "arguments": ""}}),
        calls({"index": 1, "id": "call_b", "function": {"name": "dice", "arguments": '{"n'}}),
        calls({"index": 0, "function": {"arguments": '{"in": '}}),
        calls(
            {"index": 1, "function": {"arguments": '": 6}'}},
            {"index": 0, "function": {"arguments": '"Rome"}'}},
        ),
        delta(finish="tool_calls"),
        DONE,
    )
    assert reply.tool_calls == (
        ToolCall("call_a", "time", '{"in": "Rome"}'),
        ToolCall("call_b", "dice", '{"n": 6}'),
    )
    assert (reply.transcript, reply.sound, reply.finish) == ("", None, "stop")


def test_an_id_and_a_name_that_are_repeated_are_not_joined() -> None:
    again = {"index": 0, "id": "call_a"}
    reply = merge(
        calls({**again, "function": {"name": "time", "arguments": "{"}}),
        calls({**again, "function": {"name": "time", "arguments": "}"}}),
        DONE,
    )
    assert reply.tool_calls == (ToolCall("call_a", "time", "{}"),)


def test_calls_without_an_index_are_told_apart_by_their_ids() -> None:
    reply = merge(
        calls({"id": "call_a", "function": {"name": "time", "arguments": "{"}}),
        calls({"function": {"arguments": "}"}}),
        calls({"id": "call_b", "function": {"name": "dice", "arguments": "{}"}}),
        DONE,
    )
    assert reply.tool_calls == (ToolCall("call_a", "time", "{}"), ToolCall("call_b", "dice", "{}"))


def test_half_a_call_is_none() -> None:
    half = calls({"index": 0, "id": "call_a", "function": {"name": "time", "arguments": "{"}})
    assert merge(BEGUN, half).tool_calls == ()
    with pytest.raises(ChatApiError, match=r".") as caught:
        merge(half)
    assert caught.value.code == "answer_empty"


# --- whatever comes


@st.composite
def completions(draw: st.DrawFn) -> dict[str, Any]:
    """One whole answer."""
    words = st.text(max_size=12) | st.none()
    spoken = {
        "id": draw(st.sampled_from(["audio_1", "", None])),
        "transcript": draw(words),
        "data": b64(draw(st.binary(max_size=40))),
        "expires_at": draw(st.integers(NOW_S, NOW_S + 4000) | st.none()),
    }
    message = {
        "content": draw(words),
        "refusal": draw(words),
        "audio": draw(st.sampled_from([spoken, None])),
        "tool_calls": [
            {"id": f"call_{n}", "function": {"name": "time", "arguments": draw(st.text())}}
            for n in range(draw(st.integers(0, 2)))
        ],
    }
    finish = draw(st.sampled_from(["stop", "length", "content_filter", "tool_calls"]))
    return {
        "created": NOW_S,
        "model": draw(st.sampled_from(["m-1", None])),
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": draw(st.sampled_from([USAGE, None])),
    }


def taken_apart(completion: dict[str, Any], size: int) -> Iterator[bytes]:
    """The same answer in pieces of this size."""
    envelope = {name: completion[name] for name in ("created", "model")}
    [choice] = completion["choices"]
    for fields in _deltas(choice["message"], size):
        chunk = {**envelope, "usage": None, "choices": [{"index": 0, "delta": fields}]}
        yield b"data: " + json.dumps(chunk).encode() + b"\r\n\r\n"
    end = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
    last = {**envelope, "usage": completion["usage"], "choices": [end]}
    yield b"data: " + json.dumps(last, ensure_ascii=False).encode() + b"\r\n\r\n"
    yield DONE


def _deltas(message: dict[str, Any], size: int) -> Iterator[dict[str, Any]]:
    for name in ("content", "refusal"):
        yield from ({name: piece} for piece in _pieces(message[name] or "", size))
    for place, call in enumerate(message["tool_calls"]):
        yield {"tool_calls": [{**call, "index": place, "function": {"name": "time"}}]}
        for piece in _pieces(call["function"]["arguments"], size):
            yield {"tool_calls": [{"index": place, "function": {"arguments": piece}}]}
    if audio := message["audio"]:
        yield {"audio": {"id": audio["id"]}}
        for piece in _pieces(audio["transcript"] or "", size):
            yield {"audio": {"transcript": piece}}
        for sound in _pieces(base64.b64decode(audio["data"]), size):
            yield {"audio": {"data": b64(sound)}}
        yield {"audio": {"expires_at": audio["expires_at"]}}


def _pieces(whole: Any, size: int) -> list[Any]:  # noqa: ANN401 - text or bytes
    return [whole[at : at + size] for at in range(0, len(whole), size)]


def outcome(read: Any, *given: Any) -> object:  # noqa: ANN401 - either way of reading
    try:
        return read(*given)
    except ChatApiError as error:
        return error.code


@given(completions(), st.integers(1, 9), st.data())
def test_in_pieces_it_is_the_same_reply_as_whole_however_it_is_cut(
    completion: dict[str, Any], size: int, data: st.DataObject
) -> None:
    stream = b"".join(taken_apart(completion, size))
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=20).map(sorted))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole = outcome(answer.decode, json.dumps(completion).encode(), EXPECTED)
    assert outcome(merge, *pieces) == whole
    assert outcome(merge, *_pieces(stream, 1)) == whole


@given(st.lists(st.binary(max_size=60)))
def test_any_bytes_are_an_expected_error(pieces: list[bytes]) -> None:
    with pytest.raises(ChatApiError):
        merge(*pieces)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["choices", "delta", "audio", "content", "data", "id", "transcript", "usage",
             "index", "tool_calls", "function", "arguments", "name", "finish_reason", "error"]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@given(st.lists(_json), _json)
def test_any_chunks_are_a_reply_or_an_expected_error(chunks: list[object], odd: object) -> None:
    told = [{"choices": [{"delta": odd}]}, *chunks]
    stream = b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in told)
    found = outcome(merge, stream)
    assert isinstance(found, SpokenReply) or found in {
        "answer_unreadable",
        "answer_empty",
    }


def test_a_stream_takes_little_more_memory_than_its_sound() -> None:
    line = audio(data=b64(bytes(19_200)))
    tracemalloc.start()
    try:
        merger = Merger()
        for _ in range(500):
            merger.feed(line)
        [said] = merger.answer().choices
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(said.sound) == 500 * 19_200
    assert peak_bytes < 1.25 * len(said.sound)
