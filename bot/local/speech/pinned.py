"""Data files that are trusted only as far as their checksums."""

import hashlib
from collections.abc import Mapping
from pathlib import Path


class DataDamaged(Exception):
    """A data file is missing, or not the one that was pinned; its text is a sentence."""


def verify(folder: Path, digests: Mapping[str, str]) -> None:
    """Compare files with their SHA-256.

    Raises:
        DataDamaged: a file is not there, or something else than expected.

    """
    for name, digest in digests.items():
        try:
            found = digest_of(folder / name)
        except OSError as error:
            raise DataDamaged(f"{name} cannot be read: {error.strerror}") from error
        if found != digest:
            raise DataDamaged(f"{name} is not the file that was pinned by its checksum")


def digest_of(path: Path) -> str:
    """Compute the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
