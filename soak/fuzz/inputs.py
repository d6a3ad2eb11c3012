"""Custom ids, settings of rooms and of the owner, addresses of files and servers."""

import io
import random
from datetime import UTC, datetime, timedelta
from typing import cast

import aiohttp
from dotenv import dotenv_values

from bot.chat_api.address import endpoint
from bot.discord_io.attachments import AttachmentReader
from bot.discord_io.components import KEY_BYTES, Signer
from bot.domain.languages import parse_language
from bot.domain.room_settings import SETTINGS
from bot.errors import AttachmentError, Refused
from bot.settings import Settings, SettingsError
from soak.fuzz.target import Target, require

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OWNER, STRANGER = 123_456_789_012_345_678, 987_654_321_098_765_432
_SIGNER = Signer(b"k" * KEY_BYTES, lambda: NOW)
_LIFE = timedelta(minutes=15)
_IDS = tuple(
    each.encode()
    for each in (
        _SIGNER.sign("speak", 42, life=_LIFE),
        _SIGNER.sign("voice", "a,b:c", 7, member_id=OWNER, life=_LIFE),
        _SIGNER.sign("panel", member_id=OWNER, life=_LIFE),
        Signer(b"o" * KEY_BYTES, lambda: NOW).sign("speak", 42, life=_LIFE),
        Signer(b"k" * KEY_BYTES, lambda: NOW - timedelta(days=1)).sign("speak", 42, life=_LIFE),
    )
)
_GOOD = {each.decode() for each in _IDS[:3]}
_ID_WORDS = (b":", b",", b"-", b"%2C", b"%", b"=", b"0", b"f", b"fffffffff", b"speak", b"voice",
             b"_", b"\xc3\xa9", b"\0", b"::::", b" ", b"1b69b4ba630f34e",
             b"\xed\xa0\x80")  # fmt: skip

_TYPED = (
    b"on", b"always", b"0.75", b"1,5 x", b"<@&123456789012345678> 42", b"gpt-audio-1.5, gpt-4o",
    b"German", b"alloy", b"voice_abc", b"200", b"-1", b"member", b"mp3", b"2.0000001",
)  # fmt: skip
_TYPED_WORDS = (b"on", b"off", b"1", b"9" * 20, b".", b",", b"-", b"+", b"e9", b"nan", b"inf",
                b"<@&", b">", b" ", b"voice_", b"gpt", b"\xd9\xa1", b"\xc2\xb2", b"_", b"\n",
                b"\xc3\x97", b"de", b"pt-BR", b"\0", b"x" * 50)  # fmt: skip
_SETTING_OF_OWNER = (
    b"DISCORD_TOKEN=a-secret-of-the-owner\nOPENAI_API_KEY=another-secret-$b${HOME}c\n",
    b"DISCORD_TOKEN='a-secret-of-the-owner'\nOPENAI_BASE_URL=http://127.0.0.1:8081\n"
    b"DISCORD_API_URL=http://127.0.0.1:8080/api/v10\nMAX_IN_FLIGHT=4\nTOOLS=pick roll_dice\n",
    b'export DISCORD_TOKEN="a-secret-of-the-owner"\nOPENAI_API_KEY=another-secret-$b${HOME}c\n'
    b"HEALTH_PORT=9090\nCATCH_UP_MINUTES=15\nATTACHMENT_HOSTS=cdn.discordapp.com\n# x\n",
)
_ENV_WORDS = (b"=", b"\n", b"'", b'"', b"#", b" ", b"export ", b"${A}", b"$", b"\\", b"\\n",
              b"\xef\xbb\xbf", b"0", b"-1", b"99999999999999999999", b"nan", b"1e9", b"https://",
              b"http://127.0.0.1", b"http://[::1", b"@", b":99999", b"MAX_IN_FLIGHT=",
              b"HEALTH_PORT=", b"DATABASE_URL=", b"sqlite+aiosqlite:///", b"OPENAI_BASE_URL=",
              b"PROVIDER=", b"OPERATORS=", b"\0", b"\xed\xa0\x80", b"\xff", b"TRANSCRIBE=",
              b"AUDIO_FORMAT=ogg\n", b"KEEP_AUDIO_DAYS=", b"MEMBER_RATE=",
              b"10/60", b"/")  # fmt: skip
_SECRETS = ("DISCORD_TOKEN", "OPENAI_API_KEY")
_SHORTEST_SECRET = 12

_ADDRESSES = (
    b"https://cdn.discordapp.com/attachments/1/2/a.ogg?ex=1&is=2&hm=3", b"https://api.example/v1",
    b"http://127.0.0.1:8080/x", b"https://user@cdn.discordapp.com/a", b"//cdn.discordapp.com/a",
    b"https://api.example/v1/chat/completions?api-version=1", b"https://[::1]:80/",
)  # fmt: skip
_ADDRESS_WORDS = (b"https://", b"http:", b"//", b"/", b"\\", b"@", b":", b"#", b"?", b"%2e", b"%40",
                  b"cdn.discordapp.com", b".evil.example", b"[::1]", b"[", b"]", b":443", b":80",
                  b"127.0.0.1", b"0x7f.1", b"\xe3\x80\x82", b"\xef\xbc\xa0", b"\t", b"\n", b" ",
                  b"\0", b"%00", b"xn--", b"\xc2\xad", b"..", b"file:", b"javascript:")  # fmt: skip
_HOSTS = frozenset({"cdn.discordapp.com"})
_READER = AttachmentReader(cast("aiohttp.ClientSession", None), _HOSTS)


def _check_custom_id(data: bytes, chances: random.Random) -> None:
    custom_id = data.decode("utf-8", "surrogateescape")
    member_id = chances.choice((OWNER, STRANGER))
    try:
        press = _SIGNER.read(custom_id, member_id, again="try")
    except Refused as refused:
        require(refused.code in ("component_expired", "component_not_yours"), "another refusal")
        return
    require(custom_id in _GOOD, "a forged id was taken")
    require(member_id == OWNER or press.action == "speak", "another's id was taken")


def _check_setting(data: bytes, _: random.Random) -> None:
    typed = data.decode("utf-8", "replace")
    for setting in SETTINGS:
        kind = setting.kind
        try:
            value = kind.parse(typed)
        except Refused:
            continue
        stored = kind.write(value)
        require(kind.parse(stored) == value, f"{setting.name} is stored as another value")
        require(isinstance(kind.show(value), str), f"{setting.name} is shown as no text")


def _check_language(data: bytes, _: random.Random) -> None:
    try:
        code = parse_language(data.decode("utf-8", "replace"))
    except Refused:
        return
    require(parse_language(code) == code, "a code that is no language")


def _check_environment(data: bytes, _: random.Random) -> None:
    text = data.decode("utf-8", "replace")
    found = dotenv_values(stream=io.StringIO(text), interpolate=False)
    environment = {name: value for name, value in found.items() if value is not None}
    secrets = [v for n in _SECRETS if len(v := environment.get(n, "")) >= _SHORTEST_SECRET]
    try:
        settings = Settings.from_env(environment)
    except SettingsError as error:
        require(not any(each in str(error) for each in secrets), "a problem that tells a secret")
        require(all(each.endswith(".") for each in error.problems), "a problem without an end")
    else:
        require(not any(each in repr(settings) for each in secrets), "settings that tell a secret")


def _check_address(data: bytes, _: random.Random) -> None:
    text = data.decode("utf-8", "replace")
    try:
        url = _READER._allowed(text)
    except AttachmentError:
        pass
    else:
        require(url.scheme == "https" and url.host in _HOSTS, f"{url} was allowed")
        require(url.user is None and url.port == 443, f"{url} was allowed")
    try:
        require(endpoint(text).startswith(("http://", "https://")), "a server that is none")
    except ValueError:
        return


TARGETS = (
    Target("custom ids", _IDS, _ID_WORDS, _check_custom_id, 12_000),
    Target("settings of rooms", _TYPED, _TYPED_WORDS, _check_setting, 3_000),
    Target("languages", _TYPED, _TYPED_WORDS, _check_language, 5_000),
    Target("settings of the owner", _SETTING_OF_OWNER, _ENV_WORDS, _check_environment, 2_000),
    Target("addresses", _ADDRESSES, _ADDRESS_WORDS, _check_address, 4_000),
)
