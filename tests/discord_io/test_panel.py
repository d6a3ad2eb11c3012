"""What a panel looks like in the worst case: Discord's limits hold."""

from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.discord_io.components import CUSTOM_ID_UNITS, Components, Signer
from bot.discord_io.panel import PanelMessage
from bot.domain.access import Actor, Rights
from bot.domain.effective import rules_of
from bot.domain.panel import Chosen, Panel, lock_on, page_of
from bot.domain.room_settings import Change, Setting, Stored, settings_for
from bot.domain.rooms import Place, Room, Scope
from bot.domain.setting_limits import options_of
from bot.domain.text import MESSAGE_UNITS, count_units
from bot.i18n import LOCALES
from tests.domain.rooms import OWNER
from tests.fakes import NOON, StoppedClock

LARGEST = 2**63 - 1
SPOKEN = [discord.Locale(name) for name in ("en-US", *LOCALES)]
ROOM = Room(LARGEST, LARGEST, LARGEST, LARGEST)
WIDE = replace(OWNER, models=tuple("m" * 90 + str(n) for n in range(10, 40)))
ROLES = " ".join(str(LARGEST - n) for n in range(25))
VALUES = {
    "voice": "voice_" + "a" * 100, "roles_allowed": ROLES, "roles_denied": ROLES,
    "models_denied": " ".join(WIDE.models[:25]), "seed": str(-LARGEST),
}  # fmt: skip


def panel(place: Place, setting: Setting[Any] | None, rights: Rights) -> Panel:
    stored = [
        Stored(each.scope, each.id, name, value)
        for each in ROOM.places(LARGEST)
        for name, value in VALUES.items()
    ]
    rules, actor = rules_of(ROOM, LARGEST, stored, (), WIDE), Actor(LARGEST, rights)
    change = Change(2**31, place, "frequency_penalty", None, "1", LARGEST, NOON)
    chosen, page = None, 0
    if setting is not None:
        lock = lock_on(setting, place, actor, rules)
        options = options_of(setting, WIDE, ())
        chosen, page = (
            Chosen(setting, VALUES.get(setting.name), options, lock),
            page_of(setting, place),
        )
    return Panel(rules, LARGEST, place, VALUES, page, chosen, None, change)


@pytest.mark.parametrize("locale", SPOKEN, ids=str)
async def test_the_fullest_panel_fits_into_a_message(locale: discord.Locale) -> None:
    components = Components(Signer(b"k" * 32, StoppedClock()))
    for place in ROOM.places(LARGEST):
        for setting in (None, *settings_for(place)):
            for rights in (Rights(), Rights(manage_channels=True, manage_server=True)):
                message = PanelMessage(panel(place, setting, rights), components, locale)
                assert count_units(message.text("It is so. " * 10)) <= MESSAGE_UNITS
                rows = message.view().to_components()
                assert len(rows) <= 5
                parts = [part for row in rows for part in row["components"]]
                ids = [part["custom_id"] for part in parts]
                assert len(set(ids)) == len(ids)
                assert max(map(len, ids)) <= CUSTOM_ID_UNITS
                for part in parts:
                    assert len(part.get("options", ())) <= 25
                    assert len(part.get("label") or "") <= 80


@pytest.mark.parametrize("locale", SPOKEN, ids=str)
async def test_every_value_that_can_be_typed_has_a_modal_that_fits(locale: discord.Locale) -> None:
    components = Components(Signer(b"k" * 32, StoppedClock()))
    server = Place(Scope.SERVER, LARGEST, LARGEST)
    for setting in settings_for(server):
        shown = panel(server, setting, Rights(manage_server=True))
        assert shown.chosen is not None
        if not shown.chosen.takes_text:
            continue
        modal = PanelMessage(shown, components, locale).modal().to_dict()
        assert len(modal["title"]) <= 45
        assert len(modal["custom_id"]) <= CUSTOM_ID_UNITS
        [label] = modal["components"]
        assert len(label["label"]) <= 45
        assert len(label.get("description") or "") <= 100
        assert len(label["component"].get("value") or "") <= label["component"]["max_length"]
