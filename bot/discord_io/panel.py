"""A panel of settings as one message: what is in force in words, and what changes it below."""

from typing import Any

import discord
from discord import ui

from bot.discord_io.components import PANEL_LIFE, Components, unkept
from bot.domain.describing import lines_of, name_scope
from bot.domain.panel import MOST_OPTIONS, ROLE_LISTS, Chosen, Panel
from bot.domain.room_settings import MODELS_DENIED, SETTINGS, Setting
from bot.domain.rooms import Place, Scope
from bot.domain.setting_kinds import Option
from bot.errors import Refused
from bot.i18n import translator_for
from bot.words import Sentence, join

TITLE = Sentence(
    "**Settings: {place}**\n-# What is in force for you in this room, and where it comes from."
)
PAGE = Sentence("-# Page {page} of {pages}")
LINE = Sentence("**{title}**: {value} · {source}")
LINE_SET_HERE = Sentence("**{title}**: {value} · {source} · set here: {own}")
CHOSEN = Sentence("\n__{title}__: here is set {about}.")
LOCKED = Sentence("🔒 {reason}")
NEWS = Sentence("✅ {news}\n")
CHOOSE_PLACE = Sentence("Whose settings?")
CHOOSE_SETTING = Sentence("Which setting?")
CHOOSE_VALUE = Sentence("{title}: choose")
NOT_CHANGEABLE = Sentence("{title}: locked")
TYPE_VALUE = Sentence("Type a value …")
RESET = Sentence("Reset")
UNDO = Sentence("Undo: {title}")
NOTHING_TO_UNDO = Sentence("Undo")
BACK = Sentence("◀ Back")
ON = Sentence("More ▶")
MODAL_LABEL = "{title}"
MODAL_HINT = Sentence("For example: {examples}")
PLACES = {
    Scope.MEMBER: Sentence("mine alone"),
    Scope.THREAD: Sentence("this thread"),
    Scope.CHANNEL: Sentence("this channel"),
    Scope.CATEGORY: Sentence("this channel's category"),
    Scope.SERVER: Sentence("this server"),
}
OUR_CONVERSATION = Sentence("our conversation")

PLACE, PAGES, CHOOSE, SET, TYPE, TYPED, TAKE_BACK, UNDO_CHANGE = (
    "p_place", "p_page", "p_look", "p_set", "p_type", "p_typed", "p_reset", "p_undo",
)  # fmt: skip
INPUT = "value"
"""The custom id of the one input of a modal."""

_LABEL_CHARACTERS = 100
_MODAL_CHARACTERS = 45
_BUTTON_CHARACTERS = 80
_VALUE_CHARACTERS = 60
_SCOPES = {scope.value[:2]: scope for scope in Scope}


def read_about(arguments: tuple[str, ...]) -> tuple[Scope, int, tuple[str, ...]]:
    """Read from a component's id which place it is about, and what more it says."""
    scope, place_id, *rest = arguments
    return _SCOPES[scope], int(place_id, 16), tuple(rest)


def read_place(chosen: list[str], places: tuple[Place, ...]) -> Place:
    """Find the place that was chosen.

    Raises:
        Refused: it was not offered.

    """
    for place in places:
        if [_short_scope(place.scope)] == chosen:
            return place
    raise Refused("not_here", Sentence("There is no such place here."))


def _short_scope(scope: Scope) -> str:
    return scope.value[:2]


def _about(place: Place) -> tuple[str, str]:
    return _short_scope(place.scope), f"{place.id:x}"


class PanelMessage:
    """Lays a panel out for its member, who alone may use it."""

    def __init__(self, panel: Panel, components: Components, locale: discord.Locale) -> None:
        self._panel = panel
        self._components = components
        self._say = translator_for(locale.value).say

    def text(self, news: str = "") -> str:
        """Write what stands above the components."""
        panel = self._panel
        title = TITLE.format(place=_name(panel.place))
        parts = [title, *(self._line(each) for each in panel.shown)]
        parts.append(PAGE.format(page=panel.page + 1, pages=panel.pages))
        if panel.chosen is not None:
            setting = panel.chosen.setting
            parts.append(CHOSEN.format(title=setting.title, about=setting.about))
        lock = panel.chosen.lock if panel.chosen is not None else panel.lock
        if lock is not None:
            parts.append(LOCKED.format(reason=lock))
        head = [NEWS.format(news=news)] if news else []
        return self._say(join("\n", [*head, *parts]))

    def _line(self, setting: Setting[Any]) -> str:
        rules, found = self._panel.rules, lines_of(self._panel.rules, setting)
        words = {
            "title": setting.title,
            "value": _short(self._say(join("; ", (each.text for each in found)))),
            "source": join(", ", dict.fromkeys(name_scope(rules, each.scope) for each in found)),
        }
        own = self._own(setting)
        if own is None or any(each.scope is self._panel.place.scope for each in found):
            return LINE.format(**words)
        return LINE_SET_HERE.format(own=_short(self._say(own)), **words)

    def _own(self, setting: Setting[Any]) -> str | None:
        stored = self._panel.own.get(setting.name)
        value = None if stored is None else setting.read(stored)
        return None if value is None else setting.kind.show(value)

    def view(self) -> ui.View:
        """Make the components."""
        view = ui.View(timeout=None)
        view.add_item(self._place_select())
        view.add_item(self._setting_select())
        if self._panel.chosen is not None:
            view.add_item(self._value_select(self._panel.chosen))
            self._add_typing(view, self._panel.chosen)
        self._add_navigation(view)
        return unkept(view)

    def modal(self) -> ui.Modal:
        """Ask for a value in words."""
        chosen = self._panel.chosen
        if chosen is None:
            raise ValueError("no setting is looked at")
        title, examples = (
            self._say(chosen.setting.title),
            ", ".join(each.value for each in chosen.options[:4]),
        )
        modal = ui.Modal(
            title=title[:_MODAL_CHARACTERS], custom_id=self._sign(TYPED, chosen.setting.name)
        )
        hint = (
            self._say(MODAL_HINT.format(examples=examples))[:_LABEL_CHARACTERS]
            if examples
            else None
        )
        field = ui.TextInput[Any](
            custom_id=INPUT, default=(chosen.value or "")[:200] or None, max_length=200
        )
        label = MODAL_LABEL.format(title=title)[:_MODAL_CHARACTERS]
        modal.add_item(ui.Label(text=label, description=hint, component=field))
        return unkept(modal)

    def _sign(self, action: str, *more: str | int) -> str:
        about = _about(self._panel.place)
        return self._components.sign(
            action, *about, *more, member_id=self._panel.member_id, life=PANEL_LIFE
        )

    def _place_select(self) -> ui.Select[Any]:
        options = [
            discord.SelectOption(
                label=self._say(_name(place)),
                value=_short_scope(place.scope),
                default=place == self._panel.place,
            )
            for place in self._panel.places
        ]
        return ui.Select(
            custom_id=self._sign(PLACE), placeholder=self._say(CHOOSE_PLACE), options=options, row=0
        )

    def _setting_select(self) -> ui.Select[Any]:
        chosen = self._panel.chosen
        options = [
            discord.SelectOption(
                label=self._say(setting.title),
                value=setting.name,
                description=self._say(setting.about)[:_LABEL_CHARACTERS],
                default=chosen is not None and setting is chosen.setting,
            )
            for setting in self._panel.shown
        ]
        return ui.Select(
            custom_id=self._sign(CHOOSE),
            placeholder=self._say(CHOOSE_SETTING),
            options=options,
            row=1,
        )

    def _value_select(self, chosen: Chosen) -> ui.Select[Any] | ui.RoleSelect[Any]:
        words = NOT_CHANGEABLE if chosen.lock else CHOOSE_VALUE
        common: dict[str, Any] = {
            "custom_id": self._sign(SET, chosen.setting.name),
            "placeholder": self._say(words.format(title=chosen.setting.title))[:_LABEL_CHARACTERS],
            "disabled": chosen.lock is not None,
            "row": 2,
        }
        if chosen.setting in ROLE_LISTS:
            ids = chosen.setting.read(chosen.value or "") or ()
            defaults = [discord.Object(id_, type=discord.Role) for id_ in sorted(ids)]
            return ui.RoleSelect(
                min_values=0, max_values=MOST_OPTIONS, default_values=defaults, **common
            )
        return self._string_select(chosen, common)

    def _add_typing(self, view: ui.View, chosen: Chosen) -> None:
        name, locked = chosen.setting.name, chosen.lock is not None
        if chosen.takes_text:
            view.add_item(self._button(TYPE_VALUE, self._sign(TYPE, name), 3, disabled=locked))
        unset = chosen.value is None or self._panel.lock is not None
        view.add_item(self._button(RESET, self._sign(TAKE_BACK, name), 3, disabled=unset))

    def _add_navigation(self, view: ui.View) -> None:
        page, last = self._panel.page, self._panel.pages - 1
        view.add_item(self._button(BACK, self._sign(PAGES, page - 1), 4, disabled=page == 0))
        view.add_item(self._button(ON, self._sign(PAGES, page + 1), 4, disabled=page == last))
        if (newest := self._panel.newest) is None:
            view.add_item(
                self._button(NOTHING_TO_UNDO, self._sign(UNDO_CHANGE, "0"), 4, disabled=True)
            )
            return
        title = next((each.title for each in SETTINGS if each.name == newest.name), newest.name)
        undo = self._sign(UNDO_CHANGE, f"{newest.id:x}")
        view.add_item(self._button(UNDO.format(title=title), undo, 4))

    def _string_select(self, chosen: Chosen, common: dict[str, Any]) -> ui.Select[Any]:
        setting = chosen.setting
        # A select must hold something, also one that nobody can open.
        options = chosen.listed or setting.kind.options[:MOST_OPTIONS] or (Option("-", "-"),)
        many = setting is MODELS_DENIED
        held = (chosen.value or "").split() if many else [chosen.value]
        return ui.Select(
            min_values=0 if many else 1,
            max_values=len(options) if many else 1,
            options=[self._option(each, default=each.value in held) for each in options],
            **common,
        )

    def _option(self, option: Option, *, default: bool) -> discord.SelectOption:
        label = self._say(option.label)[:_LABEL_CHARACTERS]
        return discord.SelectOption(label=label, value=option.value, default=default)

    def _button(
        self, label: str, custom_id: str, row: int, *, disabled: bool = False
    ) -> ui.Button[Any]:
        words = self._say(label)[:_BUTTON_CHARACTERS]
        return ui.Button(label=words, custom_id=custom_id, row=row, disabled=disabled)


def _name(place: Place) -> str:
    return OUR_CONVERSATION if place.is_dm else PLACES[place.scope]


def _short(text: str) -> str:
    if len(text) <= _VALUE_CHARACTERS:
        return text
    return text[:_VALUE_CHARACTERS].rpartition(" ")[0] + " …"
