"""What the model's server sends: streams, answers, refusals, waits, transcriptions, calls."""

import base64
import math
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

import aiohttp
from msgspec import Struct
from multidict import CIMultiDict

from bot.chat_api import answer
from bot.chat_api.assembling import Answer, Expected, assemble, weigh
from bot.chat_api.failures import SENTENCES, explain
from bot.chat_api.merging import Merger
from bot.chat_api.model_info import read_model_info
from bot.chat_api.retries import LONGEST_ORDERED_WAIT_S, ordered_wait_s, wait_before_retry_s
from bot.chat_api.server import Server
from bot.chat_api.sse import EventReader
from bot.chat_api.transcriptions import TranscriptionApi
from bot.chat_api.transport import AttemptFailed, Response
from bot.chat_api.upstream import read_upstream
from bot.domain.reply import ModelAudio, SpokenReply, Usage
from bot.errors import ChatApiError
from bot.services.tools import calling
from bot.services.tools.table import TABLE
from soak.fuzz.mutation import cut
from soak.fuzz.target import Target, require

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EXPECTED = Expected("wav", "gpt-audio", "https://api.example", NOW)
_SOUND = base64.b64encode(b"RIFF" + bytes(40)).decode()
_MOST_TOKENS = 10**10

_WHOLE = (
    '{"id":"c","created":1763726400,"model":"gpt-audio","choices":[{"index":0,"finish_reason":'
    '"stop","message":{"role":"assistant","content":null,"refusal":null,"audio":{"id":"audio_1",'
    f'"expires_at":1763730000,"transcript":"Hi.","data":"{_SOUND}"}}}}}}],"usage":{{"prompt_tokens":9,'
    '"completion_tokens":7,"prompt_tokens_details":{"audio_tokens":3,"text_tokens":6,'
    '"cached_tokens":1},"completion_tokens_details":{"audio_tokens":5,"text_tokens":2}}}'
)
_CALLED = (
    '{"choices":[{"message":{"content":[{"type":"text","text":"a"}],"tool_calls":[{"index":0,'
    '"id":"x","function":{"name":"roll_dice","arguments":"{\\"count\\":2}"}}]}}]}'
)
_CHUNKS = (
    '{"choices":[{"index":0,"delta":{"role":"assistant","audio":{"id":"audio_1","transcript":"H"}}}]}',
    f'{{"choices":[{{"index":0,"delta":{{"audio":{{"data":"{_SOUND}","transcript":"i"}}}}}}]}}',
    '{"choices":[{"index":0,"delta":{"audio":{"expires_at":1763730000}},"finish_reason":"stop"}]}',
    '{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":7}}',
)
_STREAM = "".join(f"data: {each}\n\n" for each in (*_CHUNKS, "[DONE]"))
_STREAMS = tuple(
    text.encode()
    for text in (
        _STREAM,
        _STREAM.replace("\n", "\r\n"),
        _STREAM.replace("\n", "\r"),
        "\ufeff: hello\nevent: message\nid: 1\nretry: 5\n" + _STREAM,
        'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\nevent: error\ndata: {"error":"x"}\n\n',
        "data: one\ndata: two\n\ndata\n\ndata:\n\n",
    )
)
_JSON_TEXTS = (
    "{", "}", "[", "]", ":", ",", '"', "null", "true", "0", "-1", "1e999", "1e-9", "NaN",
    "9" * 40, '""', '"a"', "\\u0000", "\\ud800", "\\", " ", '"choices":', '"message":',
    '"delta":', '"audio":', '"data":', '"transcript":', '"content":', '"usage":', '"index":',
    '"tool_calls":', '"function":', '"arguments":', '"error":', '"finish_reason":',
    '"prompt_tokens":', '"expires_at":', "[[[[[[[[", '{"a":', "é", "\ufeff", "\u2028",
)  # fmt: skip
_NO_TEXTS = (b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\0")
_JSON_WORDS = (*(text.encode() for text in _JSON_TEXTS), *_NO_TEXTS)
_STREAM_WORDS = (*_JSON_WORDS, b"\n", b"\n\n", b"\r", b"\r\n", b"data:", b"data: ", b"event: ",
                 b": ", b"[DONE]", b"data: [DONE]\n\n")  # fmt: skip
_REFUSALS = tuple(
    text.encode()
    for text in (
        '{"error":{"message":"Incorrect API key provided: sk-abc","type":"invalid_request_error",'
        '"param":null,"code":"invalid_api_key"}}',
        '{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}',
        '{"error":"model not found"}',
        '{"message":"x","detail":[{"loc":["body"],"msg":"y"}]}',
        '{"error":{"message":"e","metadata":{"raw":"{\\"error\\":{\\"message\\":\\"inner\\"}}"}}}',
        '{"error":{"message":"messages[2].audio not found","param":"messages[2].audio.id"}}',
        '{"error":{"message":"Voice not supported: a voice that is invalid"}}',
        "<html><body>502 Bad Gateway</body></html>",
        "余额不足",
    )
)
_REFUSAL_WORDS = (*_JSON_WORDS, b'"message":', b'"code":', b'"param":', b'"type":', b'"metadata":',
                  b'"raw":', b"voice ", b"not ", b"invalid ", b"audio x not found",
                  b"messages[1].audio", b"insufficient ", b"credits", b"messages[9999999].audio",
                  b"maximum context length")  # fmt: skip
_STATUSES = (300, 307, 400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 529)
_WAITS = (b"1", b"0.5", b"120", b"121", b"-5", b"1e400", b"nan", b"inf", b"  7 ",
          b"Sat, 21 Nov 2026 12:00:30 GMT", b"Sat, 21 Nov 2026 12:00:30 +2500",
          b"Sat Nov 21 12:00:30 2026", b"21 Nov 26 12:00 EST", b"infinity",
          b"Sat, 31 Dec 9999 23:59:59 -2359")  # fmt: skip
_WAIT_WORDS = (b"0", b"1", b"9", b"99999999", b"-", b"+", b".", b"e", b":", b", ", b" ", b"GMT",
               b"Sat", b"Nov", b"2026", b"_", b"\xd9\xa1", b"(", b")", b"+9999", b"-0000",
               b"+99999999999999999999", b"\n", b"\0", b"(((", b'"', b"\\")  # fmt: skip
_HEARD = (
    b'{"text":"Hello.","usage":{"type":"tokens","input_tokens":14,"output_tokens":4,'
    b'"input_token_details":{"text_tokens":0,"audio_tokens":14}}}',
    b'{"text":" ","usage":{"type":"duration","seconds":3}}',
    b'{"text":"x"}',
    b'{"id":"gpt-audio","shutdown_date":"2026-12-31"}',
)
_HEARD_WORDS = (*_JSON_WORDS, b'"text":', b'"seconds":', b'"input_tokens":', b'"output_tokens":',
                b'"audio_tokens":', b'"shutdown_date":', b'"2026-02-30"', b'"id":')  # fmt: skip
_ARGUMENTS = (
    b'{"count":2,"sides":6}', b'{"place":"Europe/Berlin"}', b'{"options":["a","b"]}',
    b'{"words":"cat","oldest_first":true}', b"", b"{}", b"null", b"[]",
)  # fmt: skip
_ARGUMENT_WORDS = (*_JSON_WORDS, b'"count":', b'"sides":', b'"options":', b'"place":', b'"words":',
                   b"1001", b"101", b"-0", b'"../../etc/passwd"')  # fmt: skip
_CLIP = ModelAudio(b"RIFF", "wav", 1.0)
_SERVER = Server(base_url="https://api.example/v1", secret="a secret of the owner")
_ASKED = _SERVER.target("gpt-audio", "OPENAI_MODEL")
_WRITER = TranscriptionApi(cast("aiohttp.ClientSession", None), _SERVER)


def _check_events(data: bytes, chances: random.Random) -> None:
    reader = EventReader()
    whole = [*reader.feed(data), *reader.end()]
    pieces = EventReader()
    found = [event for piece in cut(data, chances) for event in pieces.feed(piece)]
    held = pieces.held_bytes
    require([*found, *pieces.end()] == whole, "cuts change what is read")
    require(0 <= held <= len(data), f"{held} bytes are held")
    require(all(event.data for event in whole), "an empty event")


def _check_stream(data: bytes, chances: random.Random) -> None:
    whole, cut_up = Merger(), Merger()
    words = whole.feed(data) + whole.end()
    later = "".join(cut_up.feed(piece) for piece in cut(data, chances)) + cut_up.end()
    require(words == later, "cuts change the words")
    one, other = whole.answer(), cut_up.answer()
    require(one == other or _has_nan(one), "cuts change the answer")
    _require_reply(one)
    _require_reply(Merger().answer(lost=True))


def _check_answer(data: bytes, _: random.Random) -> None:
    _require_reply(answer.parse(data))


def _require_reply(said: Answer | None) -> None:
    try:
        reply = assemble(said, EXPECTED)
    except ChatApiError as error:
        require(error.sentence == SENTENCES[error.code], "a word of the server's own")
        return
    _require_sane(reply)
    if said is not None and (waste := weigh(said, "m")) is not None:
        _require_tokens(waste.usage)


def _require_sane(reply: SpokenReply) -> None:
    require(reply.transcript or reply.sound or reply.tool_calls, "an answer of nothing")
    require(reply.transcript == reply.transcript.strip(), "blanks around the words")
    if reply.usage is not None:
        _require_tokens(reply.usage)
    if reply.handle is not None:
        require(reply.handle.expires_at.tzinfo, "an expiry without a zone")
        require((reply.handle.expires_at - NOW).total_seconds() <= 3_600, "an id that lives long")


def _require_tokens(usage: Usage) -> None:
    counts = (usage.text_in, usage.audio_in, usage.text_out, usage.audio_out, usage.cached_in)
    require(all(0 <= each <= _MOST_TOKENS for each in counts), f"tokens: {counts}")
    require(usage.cached_in <= usage.text_in, "more is cached than was sent")


def _has_nan(said: Answer) -> bool:
    numbers = (said.created, *(choice.expires_at for choice in said.choices))
    return any(number is not None and math.isnan(number) for number in numbers)


def _check_refusal(data: bytes, chances: random.Random) -> None:
    upstream = read_upstream(data)
    fields = (upstream.message, upstream.kind, upstream.param, upstream.code)
    require(all(isinstance(each, str) for each in fields), "a field that is no text")
    status = chances.choice(_STATUSES)
    failed = explain(status, _headers(data), data, sent=None, target=_ASKED)
    require(failed.error.sentence == SENTENCES[failed.error.code], "a word of the server's own")
    require(status not in (401, 403) or not failed.retries, "a refused key is tried again")
    require("sk-abc" not in (failed.hint or ""), "a hint that quotes")


def _headers(data: bytes) -> Mapping[str, str]:
    text = data[:200].decode("latin-1").replace("\r", " ").replace("\n", " ")
    return CIMultiDict({"location": text, "x-request-id": text})


def _check_wait(data: bytes, chances: random.Random) -> None:
    text = data.decode("latin-1")
    name = chances.choice(("retry-after", "retry-after-ms"))
    headers = CIMultiDict({name: text, "x-should-retry": chances.choice(("", "true", "false"))})
    ordered = ordered_wait_s(headers, NOW)
    require(ordered is None or not math.isnan(ordered), "a wait that is no number")
    failed = explain(429, headers, b"", sent=None, target=_ASKED)
    waits = wait_before_retry_s(failed, headers, attempt=0, now=NOW, jitter=0.5)
    require(waits is None or 0 < waits <= LONGEST_ORDERED_WAIT_S, f"a wait of {waits} s")


def _check_transcription(data: bytes, _: random.Random) -> None:
    response = Response(200, {"content-type": "application/json"}, data)
    try:
        heard = _WRITER._read(response, _CLIP)
    except AttemptFailed as failed:
        require(failed.failure.error.code == "answer_unreadable", "another failure")
    else:
        require(math.isfinite(heard.seconds) and heard.seconds >= 0, f"{heard.seconds} s heard")
        if heard.usage is not None:
            _require_tokens(heard.usage)
    try:
        read_model_info(response, "m")
    except ChatApiError as error:
        require(error.code == "answer_unreadable", "another failure")


def _check_call(data: bytes, _: random.Random) -> None:
    text = data.decode("utf-8", "surrogateescape")
    for function in TABLE:
        try:
            values = calling._read(text, function.arguments)
        except calling._Unfit as complaint:
            require(len(str(complaint)) <= 200, "a long complaint")
        else:
            require(isinstance(values, Struct), "no arguments")


TARGETS = (
    Target("events of a stream", _STREAMS, _STREAM_WORDS, _check_events, 11_000),
    Target("chunks of an answer", _STREAMS, _STREAM_WORDS, _check_stream, 4_000),
    Target("whole answers", (_WHOLE.encode(), _CALLED.encode()), _JSON_WORDS, _check_answer, 9_000),
    Target("refusals", _REFUSALS, _REFUSAL_WORDS, _check_refusal, 8_000),
    Target("waits", _WAITS, _WAIT_WORDS, _check_wait, 8_000),
    Target("transcriptions", _HEARD, _HEARD_WORDS, _check_transcription, 9_000),
    Target("calls of functions", _ARGUMENTS, _ARGUMENT_WORDS, _check_call, 8_000),
)
