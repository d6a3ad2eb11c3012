"""The log: one line per record, and never a secret, a signed link or sound in it."""

import json
import logging
import re
import time
from collections.abc import Iterable
from urllib.parse import quote

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
TIMES = "%Y-%m-%dT%H:%M:%SZ"

LIBRARY_LEVELS = {
    "discord": logging.INFO,  # at DEBUG it writes whole messages
    "aiohttp": logging.WARNING,
    "aiosqlite": logging.WARNING,  # at DEBUG it writes rows
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
    "sqlalchemy": logging.WARNING,
}
"""The most that libraries may say, whatever is asked for."""

_SHORTEST_SECRET = 8
_HIDDEN = "***"
_PATTERNS = (
    (re.compile(r"\bsk-[\w-]{8,}"), "sk-***"),
    (re.compile(r"\b[\w-]{23,32}\.[\w-]{6,7}\.[\w-]{27,64}"), _HIDDEN),  # a bot's token
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.I), r"\1 ***"),
    (re.compile(r"(authorization['\"]?\s{0,3}[:=]\s{0,3}['\"]?)[^\s'\",}]+(?: [^\s'\",}]+)?", re.I),
     r"\1***"),
    (re.compile(r"((?:cdn\.discordapp\.com|media\.discordapp\.net)/[^\s?'\"<>]{0,500})\?[^\s'\"<>)]*"),
     r"\1?***"),
    (re.compile(r"([?&](?:ex|is|hm|sig|signature|token|key)=)[^&\s'\"<>)]+", re.I), r"\1***"),
    (re.compile(r"(/(?:webhooks|interactions)/\d{1,20}/)[\w-]{20,}"), r"\1***"),
    (re.compile(r"[A-Za-z0-9+/_-]{120,}={0,2}"), "***(long data)"),
)  # fmt: skip
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)


def configure(level: str, secrets: Iterable[str], *, as_json: bool = False) -> None:
    """Log to standard error.

    Args:
        level: DEBUG, INFO, WARNING or ERROR; libraries may be quieter (LIBRARY_LEVELS).
        secrets: what must not be shown wherever it turns up.
        as_json: whether each record is an object of JSON instead of text.

    """
    # No format of ours shows these, and looking them up costs at each record.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h.formatter, RedactingFormatter)]:
        root.removeHandler(handler)
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(secrets) if as_json else RedactingFormatter(secrets))
    root.addHandler(handler)
    root.setLevel(level)
    for name, most in LIBRARY_LEVELS.items():
        logging.getLogger(name).setLevel(max(root.level, most))
    logging.getLogger("discord.client").addFilter(_shorten_reconnects)


def _shorten_reconnects(record: logging.LogRecord) -> bool:
    """Leave out the traceback of a lost connection: it is no defect, and it is mended at once."""
    if str(record.msg).startswith("Attempting a reconnect"):
        record.exc_info = None
    return True


class RedactingFormatter(logging.Formatter):
    """Formats a record with its traceback, hides secrets, and lets no record look like two."""

    converter = staticmethod(time.gmtime)

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(FORMAT, TIMES)
        long = {s for s in secrets if len(s) >= _SHORTEST_SECRET}
        forms = sorted(long | {quote(s, safe="") for s in long}, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, forms))) if forms else None

    def format(self, record: logging.LogRecord) -> str:
        """Format a record; what follows its first line is indented."""
        first, *more = self._redact(super().format(record)).split("\n")
        return "\n    ".join(_CONTROL.sub(_escape, line) for line in (first, *more))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Keep the message itself on one line."""
        return _CONTROL.sub(_escape, super().formatMessage(record))

    def _redact(self, text: str) -> str:
        if self._secrets is not None:
            text = self._secrets.sub(_HIDDEN, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


class JsonFormatter(RedactingFormatter):
    """Formats a record as one line of JSON in ASCII, with its traceback inside; hides the same."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record; each text is redacted before JSON could disguise what is in it."""
        said = {
            "time": self.formatTime(record, TIMES),
            "level": record.levelname,
            "logger": record.name,
            "message": self._redact(record.getMessage()),
        }
        if record.exc_info:
            said["error"] = self._redact(self.formatException(record.exc_info))
        if record.stack_info:
            said["stack"] = self._redact(self.formatStack(record.stack_info))
        return json.dumps(said)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
