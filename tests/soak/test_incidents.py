from datetime import UTC, datetime

from bot.errors import DatabaseError, Refused
from bot.services.incidents import Incidents
from bot.words import Sentence
from soak import incidents


def test_failures_count_and_refusals_do_not() -> None:
    kept = Incidents(lambda: datetime(2026, 1, 1, tzinfo=UTC))
    words = Sentence("Not now.")
    with incidents.watched() as noted:
        kept.account_for(DatabaseError("database_unavailable", words), "on_message", None)
        kept.account_for(Refused("elsewhere", words), "on_message", None)
        kept.account_for(ZeroDivisionError(), "on_message", None)
    kept.account_for(ZeroDivisionError(), "on_ready", None)
    first, second = reversed(kept.everywhere()[1:])
    assert noted == [
        f"incident {first.id} in on_message: database_unavailable",
        f"incident {second.id} in on_message",
    ]
