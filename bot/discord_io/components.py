"""Buttons, selects and modals that outlive a restart: what they do is in their signed custom ids.

Only ids are signed: what is chosen in a select, or written into a modal, is any member's input.
"""

import base64
import hmac
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast
from urllib.parse import quote, unquote

import discord
from discord.ui.view import BaseView

from bot.errors import Refused
from bot.words import Sentence

KEY_BYTES = 32
CUSTOM_ID_UNITS = 100
"""What Discord takes as a custom id."""

PANEL_LIFE = timedelta(minutes=15)
"""For what one member opened for themselves: Discord lets it be edited no longer."""

ANSWER_LIFE = timedelta(days=365)
"""For buttons on answers, which stay in their rooms."""

_MAC_BYTES = 12
_ANYBODY = "-"

AnyInteraction = discord.Interaction[Any]
V = TypeVar("V", bound=BaseView)


@dataclass(frozen=True, slots=True)
class Press:
    """What a member set off with a component: an action, and what it is about."""

    action: str
    arguments: tuple[str, ...]


OnPress = Callable[[AnyInteraction, Press], Awaitable[None]]


class Signer:
    """Signs custom ids, and reads those that it signed."""

    def __init__(self, key: bytes, clock: Callable[[], datetime]) -> None:
        self._key = key
        self._clock = clock

    def sign(
        self, action: str, *arguments: str | int, member_id: int | None = None, life: timedelta
    ) -> str:
        """Make a custom id.

        Args:
            action: what is done; letters, digits and underscores.
            arguments: what it is about; all together must be short, an id takes 19 characters.
            member_id: who may use it; None for everybody who sees it.
            life: how long it is good for.

        """
        until = int((self._clock() + life).timestamp())
        who = _ANYBODY if member_id is None else f"{member_id:x}"
        about = ",".join(quote(str(each), safe="") for each in arguments)
        said = f"{action}:{about}:{who}:{until:x}"
        custom_id = f"{said}:{self._mac(said)}"
        if len(custom_id) > CUSTOM_ID_UNITS:
            raise ValueError(f"too much for a custom id: {action}")
        return custom_id

    def read(self, custom_id: str, member_id: int, *, again: str) -> Press:
        """Read a custom id that a member used.

        Args:
            custom_id: as Discord gives it.
            member_id: who used it.
            again: how to get a new one, as the end of "Please …".

        Raises:
            Refused: it is too old or not ours (`component_expired`), or somebody else's
                (`component_not_yours`).

        """
        parts = custom_id.split(":")
        if len(parts) != 5 or not self._is_ours(*custom_id.rpartition(":")[::2]):
            raise _expired(again)
        action, about, who, until, _ = parts
        if self._clock().timestamp() > int(until, 16):
            raise _expired(again)
        if who not in (_ANYBODY, f"{member_id:x}"):
            raise Refused(
                "component_not_yours",
                Sentence("That belongs to somebody else. Please {again} yourself.", again=again),
            )
        return Press(action, tuple(map(unquote, about.split(","))) if about else ())

    def _is_ours(self, said: str, mac: str) -> bool:
        return hmac.compare_digest(_bytes(self._mac(said)), _bytes(mac))

    def _mac(self, said: str) -> str:
        mac = hmac.digest(self._key, _bytes(said), "sha256")[:_MAC_BYTES]
        return base64.urlsafe_b64encode(mac).decode()


def _bytes(text: str) -> bytes:
    """Encode whatever JSON can hold, halves of characters included."""
    return text.encode("utf-8", "surrogatepass")


def _expired(again: str) -> Refused:
    return Refused(
        "component_expired", Sentence("That is too old by now. Please {again} again.", again=again)
    )


class Components:
    """Brings what members press, choose and send in to whoever has taken it on."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._routes: dict[str, tuple[OnPress, str]] = {}

    def sign(
        self, action: str, *arguments: str | int, member_id: int | None = None, life: timedelta
    ) -> str:
        """Make a custom id; see `Signer.sign`."""
        return self._signer.sign(action, *arguments, member_id=member_id, life=life)

    def route(self, action: str, on_press: OnPress, *, again: str) -> None:
        """Take on an action; `again` says how to get a new component, after "Please …"."""
        self._routes[action] = (on_press, again)

    async def press(self, interaction: AnyInteraction) -> None:
        """Have done what a component or modal is for; other interactions are left alone.

        Raises:
            Refused: it is too old, or somebody else's.

        """
        if interaction.type not in _PRESSES:
            return
        custom_id = str(_data(interaction).get("custom_id", ""))
        on_press, again = self._routes.get(custom_id.partition(":")[0], (_nothing, _ASK_ANEW))
        press = self._signer.read(custom_id, interaction.user.id, again=again)
        await on_press(interaction, press)


_PRESSES = (discord.InteractionType.component, discord.InteractionType.modal_submit)
_ASK_ANEW = Sentence("use the command")


async def _nothing(_interaction: AnyInteraction, _press: Press) -> None:
    raise _expired(_ASK_ANEW)


def unkept(view: V) -> V:
    """Keep the library from waiting for a view or modal: its ids say all there is to know."""
    view.stop()
    return view


def chosen(interaction: AnyInteraction) -> list[str]:
    """Give what a member chose in a select, as they sent it: check it as any input."""
    return [str(value) for value in _data(interaction).get("values", ())]


def filled(interaction: AnyInteraction) -> dict[str, str]:
    """Give what a member wrote and chose in a modal, by the inputs' custom ids."""
    fields = _walk(_data(interaction).get("components", ()))
    return {part["custom_id"]: _input(part) for part in fields if "custom_id" in part}


def _data(interaction: AnyInteraction) -> dict[str, Any]:
    return cast("dict[str, Any]", interaction.data or {})


def _input(part: dict[str, Any]) -> str:
    return str(part["value"]) if "value" in part else " ".join(map(str, part.get("values", ())))


def _walk(components: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - as it came over the wire
    for component in components:
        yield component
        yield from _walk(component.get("components") or ())
        yield from _walk([component["component"]] if component.get("component") else ())
