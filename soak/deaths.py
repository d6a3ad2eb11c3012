"""What the bot's database says when the bot is dead: what it was at, what was stored."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from soak.ledger import Excuses, Ledger


@dataclass(frozen=True, slots=True)
class Left:
    """What a death left behind.

    Attributes:
        begun: the questions that were being answered, each with the run that was at it.
        stored: the questions whose answer is stored.

    """

    begun: Mapping[int, str]
    stored: frozenset[int]


def look(folder: Path) -> Left:
    """Look into the database of a bot that is dead, and change nothing."""
    if not (folder / "bot.db").exists():
        return Left({}, frozenset())
    with closing(_open(folder)) as database:
        columns = database.execute("SELECT name FROM pragma_table_info('inbox')").fetchall()
        if ("boot_id",) not in columns:  # it died before it had brought the schema up
            return Left({}, frozenset())
        begun = database.execute(
            "SELECT message_id, boot_id FROM inbox WHERE state = 'claimed'"
        ).fetchall()
        stored = database.execute("SELECT question_id FROM turns").fetchall()
    return Left(dict(begun), frozenset(id_ for (id_,) in stored))


def faults_of(folder: Path) -> list[str]:
    """Hold what is left in the end against what may be left: all closed, all sound."""
    with closing(_open(folder)) as database:
        sound = database.execute("PRAGMA integrity_check").fetchone()[0]
        states = Counter(state for (state,) in database.execute("SELECT state FROM inbox"))
        under_way = database.execute("SELECT count(*) FROM outbox").fetchone()[0]
    faults = [] if sound == "ok" else [f"integrity_check: {sound}"]
    if open_ := states["received"] + states["claimed"]:
        faults.append(f"{open_} questions have no end in the database")
    if under_way:
        faults.append(f"{under_way} answers are still on their way in the database")
    return faults


def _open(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{folder / 'bot.db'}?mode=ro", uri=True)


@dataclass
class Bill:
    """What may be paid for: one answer for each question, one more for each death over it.

    Attributes:
        in_flight: how many paid calls deaths may have cost.
        excuses: what deaths excuse.

    """

    in_flight: int = 0
    excuses: Excuses = field(default_factory=Excuses)
    _allowed: Counter[int | None] = field(default_factory=Counter)
    _stored: dict[int, int] = field(default_factory=dict)

    def note(self, left: Left, ledger: Ledger, paid: Mapping[int | None, int]) -> None:
        """Note a death."""
        for question_id, boot_id in left.begun.items():
            if not self.excuses.note_death(question_id, boot_id):
                continue
            question = ledger.questions.get(question_id)
            if question is not None and question_id not in left.stored:
                self.in_flight += 1
                self._allowed[question.number] += 1
        for question_id in left.stored:
            question = ledger.questions.get(question_id)
            if question is not None and question.number is not None:
                self._stored.setdefault(question.number, paid[question.number])

    def too_much(
        self, ledger: Ledger, paid: Mapping[int | None, int], wasted: Mapping[int | None, int]
    ) -> list[str]:
        """Tell what was paid for too often."""
        asked = Counter(question.number for question in ledger.questions.values())
        faults = [
            f"number {number}: {paid[number]} answers paid"
            for number in asked
            if paid[number] > asked[number] + self._allowed[number] + wasted[number]
        ]
        return faults + [
            f"number {number}: paid again after its answer was stored"
            for number, then in self._stored.items()
            if paid[number] > then
        ]

    def extra(self, ledger: Ledger, paid: Mapping[int | None, int], wasted: int) -> int:
        """Count the answers that were paid for more than once because of deaths."""
        return max(0, sum(paid.values()) - wasted - len(ledger.questions))
