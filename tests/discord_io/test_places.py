"""Who runs us: the application's owner, or those of its team who may."""

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.discord_io.places import is_operator


def application(team: list[tuple[int, int, str]] | None = None) -> discord.AppInfo:
    """An application of user 1, or of a team that user 2 owns."""
    user: dict[str, Any] = {"id": "1", "username": "ada", "discriminator": "0", "avatar": None}
    data: dict[str, Any] = {
        "id": "9", "name": "voicebot", "icon": None, "description": "", "verify_key": "",
        "bot_public": True, "bot_require_code_grant": False, "owner": user, "summary": "",
    }  # fmt: skip
    if team is not None:
        members = [
            {"user": user | {"id": str(id_)}, "membership_state": state, "role": role}
            for id_, state, role in team
        ]
        data["team"] = {
            "id": "5", "name": "us", "icon": None, "owner_user_id": "2", "members": members,
        }  # fmt: skip
    state: Any = SimpleNamespace(
        create_user=lambda made: discord.User(state=state, data=made),
        store_user=lambda made: discord.User(state=state, data=made),
        http=None,
    )
    return discord.AppInfo(state, cast("Any", data))


def test_the_owner_of_the_application_runs_us_and_nobody_else() -> None:
    assert is_operator(application(), 1)
    assert not is_operator(application(), 2)
    assert not is_operator(None, 1)


@pytest.mark.parametrize(
    ("member", "runs"),
    [
        ((3, 2, "admin"), True),
        ((3, 2, "developer"), True),
        ((3, 2, "read_only"), False),
        ((3, 1, "admin"), False),
    ],
)
def test_of_a_team_those_run_us_who_are_in_and_may_change_us(
    member: tuple[int, int, str], runs: bool
) -> None:
    team = application([(2, 2, "admin"), member])
    assert is_operator(team, 3) == runs
    assert is_operator(team, 2)
    assert not is_operator(team, 1)
