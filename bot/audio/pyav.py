"""What differs between the PyAV versions we run on, in one place."""

from typing import Any, BinaryIO

import av
from av.container import InputContainer

_MAJOR = int(av.__version__.partition(".")[0])

# PyAV 18 raises UnicodeDecodeError on a Latin-1 tag unless told otherwise; 19 has no such argument.
_METADATA: dict[str, Any] = {"metadata_errors": "replace"} if _MAJOR < 19 else {}


def open_bytes(
    file: BinaryIO, *, demuxer: str, options: dict[str, str], timeout_s: float
) -> InputContainer:
    """Open a file object with one demuxer.

    Raises:
        av.error.FFmpegError: it is not what the demuxer expects.

    """
    opened: InputContainer = av.open(
        file,
        format=demuxer,
        options=options,
        buffer_size=1 << 16,
        timeout=(timeout_s, timeout_s),
        **_METADATA,
    )
    return opened
