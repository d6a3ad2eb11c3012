"""What a room refused is not made for it again for a while."""

import discord
import pytest

from bot.discord_io import voice_bans
from bot.discord_io.voice_bans import VoiceBans

RIGHTS = discord.Permissions(send_messages=True)


def test_a_room_that_took_nothing_stays_shut_until_our_rights_change() -> None:
    bans = VoiceBans()
    bans.shut(1, RIGHTS)
    assert bans.is_shut(1, discord.Permissions(send_messages=True))
    assert not bans.is_shut(1, discord.Permissions(send_messages=True, attach_files=True))
    assert not bans.is_shut(2, RIGHTS)


def test_no_refusal_is_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_bans, "BAN_S", -1)
    bans = VoiceBans()
    bans.shut(1, RIGHTS)
    bans.add(1)
    assert not bans.is_shut(1, RIGHTS)
    assert 1 not in bans
