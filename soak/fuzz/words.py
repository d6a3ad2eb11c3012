"""What is posted, spoken and logged: of the model's words, of members' names, of anything."""

import logging
import random
import re
from collections import Counter
from collections.abc import Sequence
from itertools import count

from bot.chat_api.passages import PASSAGE_CHARACTERS, split_passages
from bot.domain.reply import Sound
from bot.domain.text import (
    MESSAGE_UNITS,
    NAME_CHARACTERS,
    count_units,
    safe_text,
    shown_name,
    split_message,
)
from bot.domain.triggers import Form
from bot.log import JsonFormatter, RedactingFormatter
from bot.services.pages import Answer, lay_out_unattached
from bot.services.tools.matching import fold
from soak.fuzz.target import Target, require

LEAST_UNITS = 64

_TEXTS = tuple(
    text.encode()
    for text in (
        "See [the page](https://evil.example/x) and <@123456789012345678>, @everyone!",
        "A list:\n- one\n- two\n\n```py\nfor x in y:\n    print(x)\n```\nDone. `code` too.",
        "> quote\n**bold** ||spoiler|| ~~gone~~ <:wave:123> <a:dance:456> <#1> </ask:2>",
        "https://bank.example@evil.example/x discord.gg/abc <https://a.example>",
        "Ein Satz. Noch einer! 一つの文。もう一つ。",
        "\u0645\u06cc\u200c\u062e 👩\u200d💻❤\ufe0f e\u0301",
        "word " * 60,
    )
)
_TEXT_WORDS = tuple(
    text.encode("utf-8", "surrogatepass")
    for text in (
        "`", "``", "```", "```py\n", "\\", "[", "]", "](", "(", ")", "<", ">", "<@", "<@!", "<@&",
        "@", "@everyone", "@here", "<a", ":ab:", "1", "12>", "discord.gg/", "https://", "http:",
        "/", "evil.example", "a", " ", "\n", "\n\n", "**", "- ", "> ", "# ", "||", "\u202e",
        "\u200d", "\u200b", "\u0301", "é", "👩", "\ud800", "\x1b", "\r", "|", "_", "\u2028", "。",
        ". ", "word ", "\U000e0041", "\u3164", "<t:1:R>", "</x:1>", "-# ", "x" * 40,
    )
)  # fmt: skip
_PING = re.compile(r"<@[!&]?\d|@everyone|@here")
_LIVE = re.compile(r"<@[!&]?\d|@everyone|@here|\bdiscord\.gg/\w|\]\(\s*<?\s*https?:")
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\x1b\r\x00\ud800-\udfff]")
_FORGED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]")

_NUMBERS = count()

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0123456789ab"
KEY = "sk-canary+of/the=owner"
_LOGGED = (
    f"token {TOKEN} of https://cdn.discordapp.com/attachments/1/2/a.ogg?ex=1&is=2&hm=0123456789ab",
    f"<CIMultiDict('Authorization': 'Bearer {KEY}')>",
    f"POST /webhooks/1/aW50ZXJhY3Rpb246MTIzNDU2Nzg5 {KEY}\n2026-01-01T00:00:00Z ERROR forged",
)
_LOG_SAMPLES = tuple(text.encode() for text in _LOGGED)
_LOG_WORDS = (
    TOKEN.encode(), KEY.encode(), b"authorization", b"bearer ", b"basic ", b": ", b"'", b"?ex=",
    b"&hm=", b"cdn.discordapp.com/", b"/webhooks/1/", b"a", b"A" * 30, b".", b"-", b"=", b"\n",
    b"\r", b"\x1b[2J", b"\xe2\x80\xae", b" ", b"sk-", b"token=", b"\x00", b"/", b"?", b"%s",
)  # fmt: skip
_TEXT_LOG, _JSON_LOG = RedactingFormatter([TOKEN, KEY]), JsonFormatter([TOKEN, KEY])


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass" if b"\xed\xa0" in data[:400] else "replace")


def _read(data: bytes) -> str:
    try:
        return _text(data)
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def _check_safe(data: bytes, chances: random.Random) -> None:
    text = _read(data)
    safe = safe_text(text)
    require(safe_text(safe) == safe, "what is safe changes when made safe again")
    require(not _HIDDEN.search(safe), "characters that nobody sees")
    if chances.random() < 0.5:
        bare = safe_text(text.replace("`", ""))
        require(not _LIVE.search(bare), f"live markup: {_LIVE.search(bare)}")


def _check_pages(data: bytes, chances: random.Random) -> None:
    text = safe_text(_read(data)) * chances.choice((1, 1, 3))
    limit = chances.choice((LEAST_UNITS, 200, MESSAGE_UNITS))
    pages = split_message(text, limit)
    require(all(page.strip() and count_units(page) <= limit for page in pages), "a page too long")
    _require_all(text, pages)


def _require_all(text: str, pages: Sequence[str]) -> None:
    """Fences may be repeated at the cuts, and blanks go there; nothing else may."""
    kept, wanted = Counter("".join(pages)), Counter(text)
    lost = [each for each in wanted if not each.isspace() and kept[each] < wanted[each]]
    require(not lost or lost == ["`"], f"lost {lost}")


def _check_layout(data: bytes, chances: random.Random) -> None:
    text = _read(data)
    text *= chances.choice((1, 1, max(1, 4_000 // max(len(text), 1))))
    sound = Sound(b"x", "wav") if chances.random() < 0.5 else None
    heard = text[:300] if chances.random() < 0.3 else ""
    note = f"note {next(_NUMBERS)}"  # never the same: pages are remembered, which takes no time
    answer = Answer(1, text, sound, Form.CARD, "alloy", "mp3", notes=(note,), heard=heard)
    pages = lay_out_unattached(answer).pages
    require(all(0 < count_units(page) <= MESSAGE_UNITS for page in pages), "a page too long")
    if "`" not in text:
        require(not any(map(_PING.search, pages)), "a page that pings")


def _check_name(data: bytes, _: random.Random) -> None:
    shown = shown_name(_read(data))
    require(shown and shown == shown.strip(), "a name of nothing")
    require(len(shown) <= 2 * NAME_CHARACTERS, "a name too long")
    require(not _FORGED.search(shown) and not set(shown) & set("[]`"), "a name that is markup")
    require(not _PING.search(shown), "a name that pings")


def _check_passages(data: bytes, chances: random.Random) -> None:
    text = _read(data)
    most = chances.choice((20, 300, PASSAGE_CHARACTERS))
    passages = split_passages(text, most)
    require(all(0 < len(each) <= most for each in passages), "a passage too long")
    require("".join("".join(passages).split()) == "".join(text.split()), "lost words")


def _check_log(data: bytes, _: random.Random) -> None:
    text = data.decode("utf-8", "replace")
    record = logging.LogRecord("bot.x", logging.INFO, "x.py", 1, "%s", (text,), None)
    for line in (_TEXT_LOG.format(record), _JSON_LOG.format(record)):
        require(TOKEN not in line and KEY not in line, "a secret in the log")
        require(not _FORGED.search(line), "a line that looks like two")


def _check_fold(data: bytes, _: random.Random) -> None:
    text = _read(data)
    require(fold(fold(text)) == fold(text), "what is folded changes when folded again")


TARGETS = (
    Target("safe text", _TEXTS, _TEXT_WORDS, _check_safe, 3_000),
    Target("pages", _TEXTS, _TEXT_WORDS, _check_pages, 2_500),
    Target("answers laid out", _TEXTS, _TEXT_WORDS, _check_layout, 2_000),
    Target("names", _TEXTS, _TEXT_WORDS, _check_name, 4_000),
    Target("passages", _TEXTS, _TEXT_WORDS, _check_passages, 4_000),
    Target("log lines", _LOG_SAMPLES, _LOG_WORDS, _check_log, 3_000),
    Target("words compared", _TEXTS, _TEXT_WORDS, _check_fold, 3_000),
)
