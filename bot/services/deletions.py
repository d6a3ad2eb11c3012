"""Messages that were deleted lately, anywhere."""

from collections import OrderedDict
from collections.abc import Iterable

from bot.errors import SourceGone
from bot.words import Sentence

KEPT = 1_000
"""So many of the newest are remembered."""


class Deletions:
    """Remembers them: a question may go while it is stored, and while its answer is made."""

    def __init__(self) -> None:
        self._ids: OrderedDict[int, None] = OrderedDict()

    def __contains__(self, message_id: int) -> bool:
        """Tell whether a message is known to be deleted."""
        return message_id in self._ids

    def note(self, message_ids: Iterable[int]) -> None:
        """Remember some."""
        self._ids.update(dict.fromkeys(message_ids))
        while len(self._ids) > KEPT:
            self._ids.popitem(last=False)

    def require_presence(self, message_id: int) -> None:
        """Go on only with a message that is not known to be deleted.

        Raises:
            SourceGone: it is.

        """
        if message_id in self._ids:
            raise SourceGone("source_deleted", Sentence("The question was deleted."))
