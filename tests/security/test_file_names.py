"""Names that members give files: never a path of ours, never markup in what we say of them."""

import re
from pathlib import Path

import pytest

from bot.local.chat_server import ChatServer
from tests.e2e.world import Talk, recording, talking, upload
from tests.security.test_injection import LIVE, Beep, Obedient

pytestmark = pytest.mark.once

NASTY = (
    "../../../../tmp/evil", "..\\..\\evil", "/etc/cron.d/evil", "C:\\evil", "file:///etc/passwd",
    "a\u202eggo.exe", "@everyone", "<@1>", "-rf", "$(touch evil)", "`touch evil`", "| touch evil",
    "evil.m3u8", "CON", "%2e%2e%2fevil", "a" * 240, "evil;x=", 'evil"', "evil\u200b",
    "[x](https://evil.example)", "evil\r\nX-Header: 1", "\x00evil", "", "..", "~root", "a\nb",
)  # fmt: skip
OURS = re.compile(r"[\w-]{1,40}\.(ogg|mp3|wav|flac|aac|txt)", re.ASCII)


async def say_with_file(talk: Talk, name: str, data: bytes) -> None:
    question = talk.mention("Listen.", files=(upload(name, data),))
    await talk.ada.answers(question, 1, timeout_s=30)


def files_below(folder: Path) -> set[str]:
    return {path.name.partition("-")[0] for path in folder.rglob("*")}


@pytest.mark.timeout(240)
async def test_no_name_of_a_file_becomes_a_path_a_ping_or_a_name_of_ours(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    chat = ChatServer(mind=Obedient(), voice=Beep())
    async with talking(folder, chat=chat, MEMBER_RATE="0", SERVER_RATE="0") as talk:
        await say_with_file(talk, "a.ogg", recording())
        before = files_below(tmp_path)
        for name in NASTY:
            await say_with_file(talk, f"{name}.ogg", recording())
            await say_with_file(talk, f"{name}.exe", b"MZ")
            await say_with_file(talk, f"{name}.txt", b"text")
        assert files_below(tmp_path) == before
        calls = talk.discord.traffic.calls
    parts = [part.filename for call in calls for part in call.parts if part.field != "payload_json"]
    assert len(parts) > len(NASTY)
    assert [name for name in parts if not OURS.fullmatch(name)] == []
    contents = [str(call.payload["content"]) for call in calls if _has_words(call.payload)]
    assert [found[0] for each in contents if (found := LIVE.search(each))] == []


def _has_words(payload: object) -> bool:
    return isinstance(payload, dict) and bool(payload.get("content"))
