"""What the engines are tried with, and how much of it was understood."""

import re

from bot.local.chat_server.numerals import write_in_figures

QUESTION = "What is the capital of France, and how many people are living there today?"
"""About five seconds."""

SENTENCES = (
    "A golden retriever is a good family dog, and it likes to swim.",
    "What is the weather going to be like tomorrow morning?",
    "Please remember to buy some bread and butter on the way home.",
    "The old lighthouse stands alone above the cold grey sea.",
)


def accuracy(said: str, heard: str) -> float:
    """The share of the words that were understood: 1 less the word error rate."""
    wanted, found = _words(said), _words(heard)
    costs = list(range(len(found) + 1))
    for row, word in enumerate(wanted, 1):
        above, costs[0] = costs[0], row
        for column, other in enumerate(found, 1):
            change = above + (word != other)
            above = costs[column]
            costs[column] = min(costs[column] + 1, costs[column - 1] + 1, change)
    return 1 - costs[-1] / len(wanted)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", write_in_figures(text.lower()))
