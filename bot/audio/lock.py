"""What the worker gives up before it opens untrusted media."""

import os
import sys

if sys.platform != "win32":
    import resource

MEMORY_BYTES = 900 << 20
_NOBODY = 65_534


def lock_process() -> tuple[str, ...]:
    """Give up new files, sockets, processes and memory; name what this machine lets us keep.

    Everything that is opened lazily must have been used before: later imports fail.
    """
    if sys.platform == "win32":
        return ("all of it: Windows has no resource limits",)
    return (*_drop_root(), *_set_limits())


def _drop_root() -> tuple[str, ...]:
    """Stop being root, on whom a limit of processes has no effect."""
    if os.getuid() != 0:
        return ()
    try:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
    except OSError:
        return ("root",)
    return ()


def _set_limits() -> tuple[str, ...]:
    limits = {
        "memory": (resource.RLIMIT_AS, MEMORY_BYTES),
        "files and sockets": (resource.RLIMIT_NOFILE, 3),
        "file size": (resource.RLIMIT_FSIZE, 0),
        "core dumps": (resource.RLIMIT_CORE, 0),
        "processes": (resource.RLIMIT_NPROC, 0),
    }
    kept = []
    for name, (limit, most) in limits.items():
        try:
            resource.setrlimit(limit, (most, most))
        except (OSError, ValueError):
            kept.append(name)
    return tuple(kept)
