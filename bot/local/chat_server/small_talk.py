"""Rules for what people say to try a voice out: greetings, the time, dice, a joke."""

import random
import re
from collections.abc import Callable
from datetime import datetime

from bot.local.chat_server.question import Question

WHAT_I_AM = "I am the built-in practice model: I follow simple rules and know little."

_GREETING = r"\b(hi|hello|hey|good (morning|afternoon|evening))\b"
_LONGEST_GREETING = 6
_DICE = re.compile(r"\b(?:roll|throw)\b.{0,20}\b(?:die|dice)\b", re.IGNORECASE)
_COIN = r"\b(flip|toss|throw)\b.{0,10}\bcoin\b|\bheads or tails\b"
_TIME = r"\bwhat time\b|\bwhat('s|s| is) the time\b|\btell me the time\b"
_DATE = (
    r"\bwhat('s|s| is) (the date|today's date)\b|\bwhat (day|date) is (it|today)\b"
    r"|\bwhich day is\b|\bwhat('s|s| is) today\b|\btoday's date\b"
)
_JOKES = (
    "Why did the robot cross the road? It was programmed by the chicken.",
    "I would tell you a joke about silence, but you would have to hear it.",
    "Why do programmers like the dark? Light attracts bugs.",
)


class SmallTalk:
    """Rules that need a clock, or luck."""

    def __init__(self, now: Callable[[], datetime], luck: random.Random) -> None:
        self._now = now
        self._luck = luck

    def tell_time(self, question: Question) -> str | None:
        """Tell the time of this machine."""
        if not question.says(_TIME):
            return None
        now = self._now()
        return f"It is {now.hour % 12 or 12}:{now:%M} {'AM' if now.hour < 12 else 'PM'}."

    def tell_date(self, question: Question) -> str | None:
        """Tell the day."""
        if not question.says(_DATE):
            return None
        now = self._now()
        return f"Today is {now:%A}, {now:%B} {now.day}, {now.year}."

    def try_luck(self, question: Question) -> str | None:
        """Throw a coin or a die."""
        if question.says(_COIN):
            return self._luck.choice(("Heads.", "Tails."))
        if _DICE.search(question.words):
            return (
                f"You rolled a {self._luck.choice(('one', 'two', 'three', 'four', 'five', 'six'))}."
            )
        return None

    def tell_joke(self, question: Question) -> str | None:
        """Tell a joke."""
        return self._luck.choice(_JOKES) if question.says(r"\b(joke|funny)\b") else None


def be_polite(question: Question) -> str | None:
    """Greet, thank and part; more words than that ask for something else."""
    if len(question.words.split()) > _LONGEST_GREETING:
        return None
    name = f", {question.speaker}" if question.speaker else ""
    if question.says(_GREETING):
        return f"Hello{name}! {WHAT_I_AM} Ask me for a sum, or send me a recording or a text file."
    if question.says(r"\b(thanks|thank you)\b"):
        return f"You are welcome{name}."
    if question.says(r"\b(bye|goodbye|good night|see you)\b"):
        return f"Goodbye{name}! Talk to you soon."
    return None


def tell_about_self(question: Question) -> str | None:
    """Say honestly what is answering."""
    if question.says(
        r"\b(who|what) are you\b|\bwhat can you do\b|\bare you (a )?(robot|human|real)"
    ):
        return (
            f"{WHAT_I_AM} I can do sums, tell the time and the date, throw dice, remember names, "
            "sum up text files, and say how a recording sounds."
        )
    if question.says(r"\bhow are you\b|\bhow do you do\b"):
        return "I am well, thank you: every part of me runs on this machine."
    return None
