"""What a panel of settings shows to one member of one place, and what of it they may change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain import room_settings as settings
from bot.domain.access import Act, Actor, require
from bot.domain.effective import RoomRules
from bot.domain.room_settings import Change, Setting, settings_for
from bot.domain.rooms import Place, Scope
from bot.domain.setting_kinds import Option
from bot.domain.setting_limits import is_offered
from bot.errors import Refused
from bot.words import Sentence

PAGE_SETTINGS = 8
"""How many settings are shown at once."""

MOST_OPTIONS = 25
"""What Discord takes as the options of a select."""

ROLE_LISTS = (settings.ROLES_ALLOWED, settings.ROLES_DENIED)
MANY = (*ROLE_LISTS, settings.MODELS_DENIED)
"""Settings that hold several values."""

_NOT_OFFERED = {
    settings.SPEAK.name: (
        Sentence(
            "I can only always speak: text is answered by a text model, and none is set. Whoever "
            "runs me can set TEXT_MODEL."
        )
    ),
    settings.MODEL.name: Sentence(
        "There is only one model; whoever runs me can allow others with MODELS."
    ),
    settings.MODELS_DENIED.name: (
        Sentence("There is only one model; whoever runs me can allow others with MODELS.")
    ),
}
_SAMPLING = Sentence("Whoever runs me can let rooms change that, with SAMPLING_ALLOWED.")
_VOICE_LOCKED = Sentence(
    "The voice is locked here, so that yours does not count. Whoever has the permission Manage "
    "Channels in this room can unlock it."
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The setting that is looked at.

    Attributes:
        setting: which it is.
        value: what is set at the place itself, as it is stored; None when nothing is.
        options: what to choose from, as far as it can be listed.
        lock: why it cannot be changed; None when it can.

    """

    setting: Setting[Any]
    value: str | None
    options: tuple[Option, ...] = ()
    lock: str | None = None

    @property
    def listed(self) -> tuple[Option, ...]:
        """The options that a select holds."""
        return self.options[:MOST_OPTIONS]

    @property
    def takes_text(self) -> bool:
        """Whether there are values beside those that can be listed."""
        if self.setting in MANY:
            return False
        return self.setting.kind.open or len(self.options) > MOST_OPTIONS


@dataclass(frozen=True, slots=True)
class Panel:
    """The settings of a place, seen from a room in which they count.

    Attributes:
        rules: what is in force in that room.
        place: whose settings can be changed.
        own: what is set at the place itself, as it is stored.
        page: which part of the settings is shown, from 0.
        chosen: None while no setting is looked at.
        lock: why nothing of the place can be changed; None when something can.
        newest: the change that can be undone; None when there is none.

    """

    rules: RoomRules
    member_id: int
    place: Place
    own: Mapping[str, str]
    page: int = 0
    chosen: Chosen | None = None
    lock: str | None = None
    newest: Change | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """The places to choose from, nearest first."""
        return self.rules.room.places(self.member_id)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-len(settings_for(self.place)) // PAGE_SETTINGS)

    @property
    def shown(self) -> Sequence[Setting[Any]]:
        """The settings of this page."""
        start = self.page * PAGE_SETTINGS
        return settings_for(self.place)[start : start + PAGE_SETTINGS]


def page_of(setting: Setting[Any], place: Place) -> int:
    """Tell on which page of a place's settings one is.

    Raises:
        Refused: it cannot be set there.

    """
    if not setting.may_be_set_for(place):
        raise Refused("not_there", Sentence("{title} cannot be set there.", title=setting.title))
    return settings_for(place).index(setting) // PAGE_SETTINGS


def lock_of(place: Place, actor: Actor) -> str | None:
    """Tell why somebody may change nothing about a place; None when they may."""
    try:
        require(Act.CHANGE, place, actor)
    except Refused as refused:
        return refused.sentence
    return None


def lock_on(setting: Setting[Any], place: Place, actor: Actor, rules: RoomRules) -> str | None:
    """Tell why somebody may not change a setting of a place; None when they may."""
    if (lock := lock_of(place, actor)) is not None:
        return lock
    if not is_offered(setting, rules.owner):
        return _NOT_OFFERED.get(setting.name, _SAMPLING)
    is_mine = place.scope is Scope.MEMBER
    return (
        _VOICE_LOCKED if is_mine and setting is settings.VOICE and rules.voice_lock.value else None
    )
