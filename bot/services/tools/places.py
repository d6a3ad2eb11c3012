"""Places by the names people give them, and the time there. Reads files: not for the loop."""

import difflib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from bot.services.tools.matching import fold

_ALSO_CALLED = {
    "England": "GB",
    "Great Britain": "GB",
    "Holland": "NL",
    "Scotland": "GB",
    "UK": "GB",
    "USA": "US",
    "United States of America": "US",
}
"""Countries by names that the list of countries lacks."""

_SUGGESTIONS = 3


def tell_time(place: str, now: datetime) -> str:
    """Say what time it is at a place, in each of its zones; else which places have such names."""
    if not place.strip():
        return f"It is {_moment(now)} UTC. Nobody said where, so this is universal time."
    zones = find_zones(place)
    if not zones:
        return _tell_unknown(place)
    first: dict[timedelta | None, str] = {}
    for zone in zones:
        first.setdefault(now.astimezone(ZoneInfo(zone)).utcoffset(), zone)
    return " ".join(_tell(zone, now) for zone in first.values())


def find_zones(place: str) -> Sequence[str]:
    """Find the zones of a place, the one most people mean first; none where it is not known."""
    known = zones_by_name()
    found = (known.get(name) for name in _names_for(place))
    return next((zones for zones in found if zones), ())


def _names_for(place: str) -> Iterator[str]:
    """Give a name as it is, then without what people add: "the", "City", "…, Germany"."""
    yield fold(place)
    bare = fold(place.partition(",")[0])
    yield bare
    yield bare.removeprefix("the ").removesuffix(" city")


def _tell(zone: str, now: datetime) -> str:
    there = now.astimezone(ZoneInfo(zone))
    return f"It is {_moment(there)} in {_town(zone)} ({_offset(there.utcoffset() or timedelta())})."


def _moment(at: datetime) -> str:
    return f"{at:%A}, {at.day} {at:%B %Y, %H:%M}"


def _offset(ahead: timedelta) -> str:
    hours, minutes = divmod(abs(round(ahead.total_seconds() / 60)), 60)
    sign = "-" if ahead < timedelta() else "+"
    return f"UTC{sign}{hours}{f':{minutes:02}' if minutes else ''}"


def _town(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _tell_unknown(place: str) -> str:
    known = zones_by_name()
    close = difflib.get_close_matches(fold(place), known, _SUGGESTIONS, 0.7)
    named = ", ".join(dict.fromkeys(known[name][0] for name in close))
    meant = f"; close to it are {named}" if named else ""
    return f"No place of that name is known{meant}. Name the zone of a large city nearby instead."


@cache
def zones_by_name() -> Mapping[str, Sequence[str]]:
    """List the zones of each name: of countries, their codes, towns and zones themselves."""
    named: dict[str, list[str]] = defaultdict(list)
    for name, code in _countries():
        named[fold(name)] += _zones_by_country().get(code, [])
    for zone in _read("zones").split():
        # Names such as Etc/GMT+3 count the other way round than people do.
        if not zone.startswith(("Etc/", "GMT")) or zone == "GMT":
            for name in {fold(zone), fold(_town(zone))}:
                named[name].append(zone)
    return {name: tuple(dict.fromkeys(zones)) for name, zones in named.items() if zones}


def _countries() -> Iterator[tuple[str, str]]:
    """Give the code of every country by each of its names: "Korea (South)" is South Korea, too."""
    for code, name in _rows("iso3166.tab"):
        short, _, rest = name.rstrip(")").partition(" (")
        yield from ((name, code), (short, code), (f"{rest} {short}", code), (code, code))
    yield from _ALSO_CALLED.items()


@cache
def _zones_by_country() -> Mapping[str, Sequence[str]]:
    zones: dict[str, list[str]] = defaultdict(list)
    for code, _where, zone, *_about in _rows("zone.tab"):
        zones[code].append(zone)
    return zones


def _rows(name: str) -> Iterator[list[str]]:
    lines = _read("zoneinfo", name).splitlines()
    return (line.split("\t") for line in lines if line and not line.startswith("#"))


def _read(*path: str) -> str:
    return files("tzdata").joinpath(*path).read_text("utf-8")
