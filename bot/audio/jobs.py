"""What travels between the bot and the audio worker: small typed heads, then bytes as they are.

A frame is two little-endian 32-bit lengths, a head in JSON, and a body of sound. Samples are
never wrapped into another encoding: a ten-minute clip is 29 MB of them.
"""

import struct

import msgspec

from bot.domain.reply import SoundFormat

LENGTHS = struct.Struct("<II")

WITHOUT_FILTER = "without-filter"
"""The argument that has a worker not filter system calls."""


class HearRecording(msgspec.Struct, frozen=True, tag=True):
    """Turn the body, a member's file, into what the model hears."""

    max_seconds: float
    only_wav: bool


class MakeVoiceClip(msgspec.Struct, frozen=True, tag=True):
    """Turn the body, the model's sound, into a voice message."""

    format: SoundFormat
    limit_bytes: int
    speed: float = 1.0


class MakeSoundFile(msgspec.Struct, frozen=True, tag=True):
    """Turn the body, the model's sound, into a file."""

    format: SoundFormat
    wanted: SoundFormat
    limit_bytes: int
    speed: float = 1.0


Job = HearRecording | MakeVoiceClip | MakeSoundFile


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The worker waits for jobs.

    Attributes:
        layers: what its lock is made of.
        unlocked: the rights that this machine does not let it give up.

    """

    layers: tuple[str, ...]
    unlocked: tuple[str, ...] = ()


class Made(msgspec.Struct, frozen=True, tag=True):
    """A job is done. `fields` are those of the value asked for, its `data` is the body."""

    fields: msgspec.Raw


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A clip failed as clips do."""

    code: str
    sentence: str


class Broke(msgspec.Struct, frozen=True, tag=True):
    """The worker met a defect of ours, or cannot start. `what` is for the log."""

    what: str


Report = Ready | Made | Failed | Broke


def pack_job(job: Job) -> bytes:
    """Encode a job's head."""
    return msgspec.json.encode(job)


def unpack_job(head: bytes) -> Job:
    """Decode a job's head."""
    return _JOBS.decode(head)


def pack_report(report: Report) -> bytes:
    """Encode a report's head."""
    return msgspec.json.encode(report)


def unpack_report(head: bytes) -> Report:
    """Decode a report's head.

    Raises:
        msgspec.DecodeError: the worker wrote nonsense.

    """
    return _REPORTS.decode(head)


_JOBS: msgspec.json.Decoder[Job] = msgspec.json.Decoder(Job)
_REPORTS: msgspec.json.Decoder[Report] = msgspec.json.Decoder(Report)
