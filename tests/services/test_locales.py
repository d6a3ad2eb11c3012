"""The language of a member's Discord is remembered as they last showed it."""

from bot.services.locales import Locales
from bot.storage.database import Database
from bot.storage.locales import LocaleStore


async def test_the_last_locale_counts_and_each_member_has_their_own(database: Database) -> None:
    locales = Locales(LocaleStore(database))
    await locales.note(1, "de")
    await locales.note(2, "ja")
    await locales.note(1, "fr")
    assert await locales.of(1) == "fr"
    assert await locales.of(2) == "ja"
    assert await locales.of(3) is None


async def test_of_whoever_reads_english_nothing_is_kept_unless_they_changed_to_it(
    database: Database,
) -> None:
    locales = Locales(LocaleStore(database))
    await locales.note(1, "en-GB")
    await locales.note(1, "sv-SE")
    assert await locales.of(1) is None
    await locales.note(1, "de")
    await locales.note(1, "sv-SE")
    assert await locales.of(1) == "en-US"
