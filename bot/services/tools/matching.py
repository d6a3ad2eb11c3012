"""Words compared as people compare them: without case, accents and punctuation."""

import re
import unicodedata

_SILENT = re.compile("['\u2019.]")
_GAPS = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Make text comparable: "São_Paulo" and "sao paulo" become the same."""
    plain = unicodedata.normalize("NFKD", _SILENT.sub("", text)).casefold()
    parts = unicodedata.normalize("NFKD", plain)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return unicodedata.normalize("NFC", _GAPS.sub(" ", bare).strip())
