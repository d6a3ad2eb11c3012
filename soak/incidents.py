"""Incidents: what the bot told somebody, or its log, of failures nobody had arranged."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from bot.services import incidents


class _Noted(logging.Handler):
    def __init__(self, noted: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._noted = noted

    def emit(self, record: logging.LogRecord) -> None:
        self._noted.append(record.getMessage())


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collect the log's lines about incidents in this process while the block runs."""
    noted: list[str] = []
    handler = _Noted(noted)
    incidents.log.addHandler(handler)
    try:
        yield noted
    finally:
        incidents.log.removeHandler(handler)
