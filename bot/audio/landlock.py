"""Landlock with no rule at all: no file, no TCP, no socket or process outside one's own.

The constants are those of the kernel's `linux/landlock.h`; newer kernels know more to forbid.
"""

import ctypes
import os
import struct

from bot.audio import kernel

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
"""The same on every processor."""

_ONLY_VERSION = 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many rights over files each version knows, each a bit; from the fifth on there are 16."""

_FILE_RIGHTS_NEWEST = 16
_BIND_AND_CONNECT = 0b11
_SOCKETS_AND_SIGNALS = 0b11
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6


def version() -> int:
    """Tell the version that this machine offers; 0 for none."""
    if kernel.machine() is None:
        return 0
    try:
        return kernel.call(_CREATE_RULESET, None, 0, _ONLY_VERSION)
    except OSError:
        return 0


def enter() -> bool:
    """Forbid this thread all that can be forbidden, for good; False when the machine refuses.

    Privileges must have been renounced.
    """
    offered = version()
    if not offered:
        return False
    rights = forbidden(offered)
    try:
        ruleset = kernel.call(
            _CREATE_RULESET, ctypes.create_string_buffer(rights, len(rights)), len(rights), 0
        )
    except OSError:
        return False
    try:
        kernel.call(_RESTRICT_SELF, ruleset, 0)
    except OSError:
        return False
    finally:
        os.close(ruleset)
    return True


def forbidden(version: int) -> bytes:
    """List all that a version can forbid, in the form that it knows."""
    fields = [(1 << _FILE_RIGHTS.get(version, _FILE_RIGHTS_NEWEST)) - 1]
    if version >= _NETWORK_SINCE:
        fields.append(_BIND_AND_CONNECT)
    if version >= _SCOPES_SINCE:
        fields.append(_SOCKETS_AND_SIGNALS)
    return struct.pack(f"={len(fields)}Q", *fields)
