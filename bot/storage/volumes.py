"""What kind of file system a file is on, as Linux tells; elsewhere nothing is known of it."""

import re
from pathlib import Path

from bot.errors import DatabaseError

MOUNTS = Path("/proc/self/mountinfo")

_ON_OTHER_MACHINES = frozenset(
    {"afs", "cifs", "fuse.sshfs", "ncpfs", "nfs", "nfs4", "smb2", "smb3", "smbfs"}
)
"""9p is not among them: sandboxes give their processes local disks by it."""

_ESCAPE = re.compile(r"\\([0-7]{3})")


def require_local(path: Path) -> None:
    """Refuse a database on a drive of another machine.

    Its log of changes is shared memory, which machines do not share
    (https://www.sqlite.org/wal.html), and locks over a network are not to be relied on
    (https://www.sqlite.org/howtocorrupt.html, 2.1).

    Raises:
        DatabaseError: `database_elsewhere`.

    """
    kind = _kind_of(path.resolve())
    if kind in _ON_OTHER_MACHINES:
        raise DatabaseError(
            "database_elsewhere",
            f"The database {path} is on a network drive ({kind}), where it would be damaged sooner "
            "or later. Name a file on a disk of this machine in DATABASE_URL.",
        )


def _kind_of(path: Path) -> str | None:
    """Find the last mount around a path: those before it are around that one, or hidden by it.

    The format of a line is that of https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
    """
    try:
        lines = MOUNTS.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return None
    kind = None
    for line in lines:
        place, _, what = line.partition(" - ")
        fields = place.split(" ")
        if len(fields) < 5 or not what:
            continue
        point = Path(_ESCAPE.sub(lambda found: chr(int(found[1], 8)), fields[4]))
        if path.is_relative_to(point):
            kind = what.split(" ")[0]
    return kind
