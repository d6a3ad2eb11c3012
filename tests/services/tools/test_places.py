from datetime import UTC, datetime

import pytest

from bot.services.tools.places import find_zones, tell_time, zones_by_name

NOW = datetime(2026, 11, 21, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("Tokyo", "It is Saturday, 21 November 2026, 21:05 in Tokyo (UTC+9)."),
        ("America/New_York", "It is Saturday, 21 November 2026, 07:05 in New York (UTC-5)."),
        ("India", "It is Saturday, 21 November 2026, 17:35 in Kolkata (UTC+5:30)."),
        ("St. John's", "It is Saturday, 21 November 2026, 08:35 in St Johns (UTC-3:30)."),
        ("Auckland", "It is Sunday, 22 November 2026, 01:05 in Auckland (UTC+13)."),
    ],
)
def test_the_time_at_a_place_is_told_in_a_sentence(place: str, told: str) -> None:
    assert tell_time(place, NOW) == told


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        ("são paulo", "America/Sao_Paulo"),
        ("  EUROPE/berlin ", "Europe/Berlin"),
        ("Paris, France", "Europe/Paris"),
        ("the Netherlands", "Europe/Amsterdam"),
        ("New York City", "America/New_York"),
        ("Mexico City", "America/Mexico_City"),
        ("South Korea", "Asia/Seoul"),
        ("UK", "Europe/London"),
        ("jp", "Asia/Tokyo"),
        ("UTC", "UTC"),
    ],
)
def test_a_place_is_found_however_people_call_it(place: str, zone: str) -> None:
    assert find_zones(place)[0] == zone


def test_summer_time_is_that_of_the_day() -> None:
    assert "14:05 in Berlin (UTC+2)" in tell_time("Berlin", NOW.replace(month=7))


def test_a_country_of_many_zones_is_told_each_offset_once() -> None:
    told = tell_time("United States", NOW)
    assert told.startswith("It is Saturday, 21 November 2026, 07:05 in New York (UTC-5). It is")
    assert "04:05 in Los Angeles (UTC-8)." in told
    assert told.count("UTC-5") == 1
    assert "Detroit" not in told


def test_a_country_of_many_zones_with_the_same_time_is_told_once() -> None:
    assert tell_time("Argentina", NOW).count("It is") == 1


def test_a_name_that_is_nearly_right_brings_what_is_close() -> None:
    assert tell_time("Berln", NOW) == (
        "No place of that name is known; close to it are Europe/Berlin. "
        "Name the zone of a large city nearby instead."
    )


@pytest.mark.parametrize(
    "place", ["Entenhausen", "../../etc/passwd", "GMT+3", "Bouvet Island", "\0", "x" * 100]
)
def test_what_is_no_place_is_not_taken_for_one(place: str) -> None:
    assert find_zones(place) == ()
    assert tell_time(place, NOW).startswith("No place of that name is known")


def test_without_a_place_it_is_universal_time_and_said_so() -> None:
    assert tell_time(" ", NOW) == (
        "It is Saturday, 21 November 2026, 12:05 UTC. Nobody said where, so this is universal time."
    )


def test_every_place_there_is_has_a_time() -> None:
    told = {name: tell_time(name, NOW) for name in zones_by_name()}
    assert len(told) > 1000
    assert {name for name, words in told.items() if not words.startswith("It is ")} == set()
