"""What was published is remembered by what it says, for each application."""

from bot.services.publishing import Publishing, fingerprint
from bot.storage.database import Database
from bot.storage.keys import KeyStore

ASK = {"name": "ask", "description": "Ask", "description_localizations": {"de": "Fragen"}}
HELP = {"name": "help", "description": "Help"}


async def test_each_application_has_its_own_memory(database: Database) -> None:
    publishing = Publishing(KeyStore(database))
    assert not await publishing.is_published(1, [ASK])
    await publishing.note_published(1, [HELP])
    await publishing.note_published(1, [ASK])
    assert await publishing.is_published(1, [ASK])
    assert not await publishing.is_published(1, [HELP])
    assert not await publishing.is_published(2, [ASK])


def test_a_translation_counts_and_the_order_does_not() -> None:
    assert fingerprint([ASK, HELP]) == fingerprint([HELP, dict(reversed(ASK.items()))])
    other = ASK | {"description_localizations": {"de": "Frag"}}
    assert fingerprint([ASK]) != fingerprint([other])
    assert fingerprint([ASK]) != fingerprint([ASK, HELP])
