"""What the model's server does to the bot, row by row, and what has to come of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bot.local.chat_server import faults
from bot.local.chat_server.faults import Fault

FOR_EVER = 20
"""More often than anybody asks."""

CANARY = "canary-of-the-server"
"""In the words of refusals: nobody but the operator's log may see any of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault.

    Attributes:
        number: of the list of faults.
        what: goes wrong.
        faults: of the calls for one question, in order; those after them go well.
        calls: how many there are to be, at least and at most.
        end: the reason that is noted; None where the question is to be answered.
        earlier: whether the question goes on from an answer.
        spoken: whether the question is a recording.
        shows: what has to be in the one message that comes.

    """

    number: int
    what: str
    faults: Sequence[Fault]
    calls: tuple[int, int]
    end: str | None = None
    earlier: bool = False
    spoken: bool = False
    shows: str = ""

    def __str__(self) -> str:
        return f"row {self.number}, {self.what}"


def _once(number: int, what: str, fault: Fault, *, shows: str = "") -> Row:
    """A fault that passes: asked once more, answered."""
    return Row(number, f"{what}, once", [fault], (2, 2), shows=shows)


def _lasting(number: int, what: str, fault: Fault, end: str, calls: int) -> Row:
    """A fault that stays: so many calls, and a line."""
    return Row(number, f"{what}, for ever", [fault] * FOR_EVER, (calls, calls), end, shows="⚠️")


def _answered(number: int, what: str, fault: Fault, shows: str = "") -> Row:
    """What is odd, and yet an answer to one call."""
    return Row(number, what, [fault], (1, 1), shows=shows)


def _status(status: int) -> Fault:
    return faults.error(status, f"{CANARY}: it went wrong.", kind="server_error")


def _ordered(status: int, code: str) -> Fault:
    """A refusal whose server asks for another try, as relays do of whatever they pass on."""
    headers = {"x-should-retry": "true", "retry-after": "1"}
    return faults.error(status, f"{CANARY}: it went wrong.", code=code, headers=headers)


def _in(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _json(text: str) -> Fault:
    return faults.raw(text.encode())


REFUSED = [
    _lasting(41, "401", _status(401), "key_refused", 1),
    _lasting(41, "401 of a relay", faults.relay_error, "key_refused", 1),
    _lasting(41, "403", faults.wrong_country, "access_refused", 1),
    *(
        _lasting(number, f"{status}, and yet to be retried", _ordered(status, code), end, 1)
        for number, status, code, end in (
            (41, 401, "invalid_api_key", "key_refused"), (41, 403, "forbidden", "access_refused"),
            (48, 429, "insufficient_quota", "quota_exhausted"),
        )
    ),
    _lasting(
        42, "404 of a model", faults.error(404, CANARY, code="model_not_found"),
        "model_not_found", 1,
    ),
    _lasting(42, "503 of a relay without it", faults.relay_no_channel, "model_not_found", 1),
    _lasting(42, "404 of a path", _status(404), "route_not_found", 1),
    *(
        _lasting(48, f"429 {code}", faults.quota(code), "quota_exhausted", 1)
        for code in (
            "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
            "budget_exceeded", "billing_hard_limit_reached",
        )
    ),
    _lasting(48, "402", _status(402), "quota_exhausted", 1),
    _lasting(48, "403 without credits", faults.aimlapi_no_credits, "quota_exhausted", 1),
]  # fmt: skip
"""Refused for longer: asked once, told at once."""


def redirects(elsewhere: str) -> list[Row]:
    """Send the bot, with its key and what it asks, to another server."""
    return [
        _lasting(56, f"redirect {status}", faults.redirected(elsewhere, status), "redirected", 1)
        for status in (301, 302, 303, 307, 308)
    ]


MENDED = [
    Row(43, "context too long, with a history", [faults.context_too_long], (2, 2), earlier=True),
    Row(43, "context too long, for ever", [faults.context_too_long] * FOR_EVER, (2, 2),
        "context_too_long", earlier=True, shows="⚠️"),
    _lasting(43, "context too long, without a history", faults.context_too_long,
             "context_too_long", 1),
    Row(43, "parameter refused, with a history", [_status(400)], (2, 2), earlier=True),
    _lasting(43, "parameter refused", _status(400), "request_refused", 1),
    _lasting(43, "parameters refused by FastAPI", faults.fastapi_error, "request_refused", 1),
    Row(43, "recording refused as MP3", [faults.invalid_mp3], (2, 2), spoken=True),
    Row(43, "container refused", [faults.unsupported_format], (2, 2), spoken=True),
    Row(43, "every container refused", [faults.unsupported_format] * FOR_EVER, (2, 2),
        "format_refused", spoken=True, shows="⚠️"),
    Row(45, "413, with a history", [faults.too_large], (2, 2), earlier=True),
    _lasting(45, "413", faults.too_large, "request_too_large", 1),
    Row(54, "dead audio id", [faults.audio_not_found(2)], (2, 2), earlier=True),
]  # fmt: skip
"""Refused for a reason that may be mended, once."""

DOWN = [
    *(_lasting(44, f"{status}", _status(status), "server_failed", 3)
      for status in (408, 409, 500, 502, 503, 504, 524, 529)),
    _lasting(44, "502 in HTML", faults.html_502, "server_failed", 3),
    _lasting(44, "500 with a string", faults.string_error, "server_failed", 3),
    _lasting(44, "overloaded", faults.overloaded, "server_failed", 3),
    _lasting(47, "429 without a wait", faults.rate_limited(), "rate_limited", 3),
    _lasting(49, "reset", faults.reset, "unreachable", 3),
    _lasting(49, "reset midway", faults.reset_midway, "unreachable", 3),
    _lasting(51, "half of the JSON", faults.truncated, "answer_unreadable", 2),
    _lasting(51, "HTML with 200", faults.html_200, "answer_unreadable", 2),
    _lasting(51, "NaN", faults.nan, "answer_unreadable", 2),
    _lasting(51, "nested deeply", faults.deep, "answer_unreadable", 2),
    _lasting(51, "a list", _json("[]"), "answer_unreadable", 2),
    _lasting(51, "nothing", _json(""), "answer_unreadable", 2),
    _lasting(51, "no UTF-8", faults.raw(b'{"choices": "\xff\xfe"}'), "answer_unreadable", 2),
    _lasting(51, "wrong types", _json('{"choices": {"message": 5}}'), "answer_unreadable", 2),
]  # fmt: skip
"""Down for a while: repeated twice where the server failed, once where it spoke nonsense."""

PASSING = [
    *(_once(44, f"{status}", _status(status)) for status in (408, 409, 500, 502, 503, 504)),
    Row(44, "500 twice", [_status(500)] * 2, (3, 3)),
    _once(46, "429 with seconds", faults.rate_limited("1")),
    _once(46, "429 with milliseconds", faults.rate_limited(headers={"Retry-After-Ms": "400"})),
    _once(46, "429 with a date", faults.rate_limited(_in(1))),
    _once(46, "429 with a date of the past", faults.rate_limited(_in(-3600))),
    _once(46, "429 with nonsense", faults.rate_limited("soon")),
    _once(47, "429 without a wait", faults.rate_limited()),
    _once(49, "reset", faults.reset),
    _once(49, "reset midway", faults.reset_midway),
    _once(51, "half of the JSON", faults.truncated),
    _once(51, "HTML with 200", faults.html_200),
    _once(51, "NaN", faults.nan),
    _once(51, "nested deeply", faults.deep),
    _once(51, "no choices", faults.no_choices),
    _once(52, "no sound and no words", faults.no_audio),
]

ODD = [
    _answered(51, "keys twice", _json(
        '{"choices": [], "choices": [{"message": {"content": "Twice."}}]}'), "Twice."),
    _answered(52, "broken base64", faults.invalid_base64, "Yes."),
    _answered(52, "empty sound", faults.empty_data, "Yes."),
    _answered(52, "no sound beside the words", faults.audio_without_data, "Yes."),
    _answered(52, "words alone", faults.text_only, "Yes."),
    _answered(52, "sound that is none", faults.changed(
        lambda c: c["choices"][0]["message"]["audio"].update(data="bm8gc291bmQ=")), "Yes."),
    _answered(52, "sound without words", faults.empty_transcript),
    _answered(52, "sound without an id", faults.no_id),
    _answered(52, "status 201", faults.status_201),
    _answered(55, "refusal", faults.refusal, "I'm sorry"),
    _answered(55, "cut off", faults.cut_off),
    Row(55, "cut off before a word", [faults.cut_off_before_audio], (1, 1), "answer_cut_off",
        shows="⚠️"),
    Row(55, "content filter", [faults.content_filter], (1, 1), "content_filter", shows="⚠️"),
    Row(53, "64 MiB out of 64 KiB", [faults.gzip_bomb(64 * 2**20)] * FOR_EVER, (1, 1),
        "answer_too_large", shows="⚠️"),
]  # fmt: skip

LATE = [
    _lasting(49, "silence", faults.blackhole, "timed_out", 1),
    _lasting(50, "a byte now and then", faults.drip(0.2), "timed_out", 1),
    Row(57, "an answer after the deadline", [faults.slow(12)], (1, 1), "timed_out", shows="⚠️"),
    Row(57, "an answer before the deadline", [faults.slow(0.5)], (1, 1)),
    Row(50, "stream that stands still", [faults.stream_stalled_at_once] * FOR_EVER, (1, 1),
        "timed_out", shows="⚠️"),
]  # fmt: skip
"""For a bot whose deadline is short."""

BUSY = [
    _lasting(46, "429 with a wait beyond the deadline", faults.rate_limited("3600"),
             "rate_limited", 1),
    Row(46, "the next question meanwhile", [], (0, 0), "rate_limited", shows="⚠️"),
]  # fmt: skip
"""One after the other, for a bot that is asked nothing else."""

CIRCUIT = [
    *[_lasting(48, "429 insufficient_quota", faults.quota(), "quota_exhausted", 1)] * 3,
    Row(48, "the next question meanwhile", [], (0, 0), "quota_exhausted", shows="⚠️"),
]
"""The same."""

BREAKER = [
    *[_lasting(44, "500", _status(500), "server_failed", 3)] * 5,
    Row(49, "the next question meanwhile", [], (0, 0), "server_failed", shows="⚠️"),
]
"""The same."""

STREAMED = [
    Row(49, "stream reset at once, once", [faults.stream_reset_at_once], (2, 2)),
    Row(49, "stream reset at once, for ever", [faults.stream_reset_at_once] * FOR_EVER, (3, 3),
        "unreachable", shows="⚠️"),
    Row(49, "stream reset midway", [faults.stream_reset], (1, 1)),
    Row(49, "stream cut at once, once", [faults.stream_cut_at_once], (2, 2)),
    Row(49, "stream that ends midway", [faults.stream_cut], (1, 1)),
    Row(44, "error in a stream, once", [faults.stream_error_first], (2, 2)),
    Row(44, "error in a stream, for ever", [faults.stream_error_first] * FOR_EVER, (3, 3),
        "server_failed", shows="⚠️"),
    Row(44, "error after half of a stream", [faults.stream_error_midway], (1, 1)),
    Row(51, "stream in shreds", [faults.stream_in_shreds], (1, 1)),
    Row(51, "stream without an end", [faults.stream_without_any_end], (1, 1)),
]  # fmt: skip
"""For a bot that asks for streams."""
