"""Every way a clip can fail, each with a stable code and a sentence for the member."""

import math
import re

from bot.errors import AudioError
from bot.words import Sentence

READABLE = "MP3, M4A, OGG, WAV, FLAC, WebM, MP4, AMR, AIFF, WMA"

_SENTENCES = {
    "audio_empty": Sentence("That file is empty. Please record it again, or attach another one."),
    "audio_unsupported": Sentence(
        "I cannot read that kind of file. Please send {kinds}.", kinds=READABLE
    ),
    "audio_no_track": Sentence(
        "There is no sound in that video. Please send one that has sound, or record a "
        "voice message."
    ),
    "audio_corrupt": Sentence(
        "That recording is damaged and cannot be played. Please send it again, or record it anew."
    ),
    "audio_silent": Sentence(
        "I hear nothing in that recording: it is silent. Please check the microphone and try again."
    ),
    "audio_too_big": Sentence(
        "That recording is too big for me: it has too many channels or too high a sample "
        "rate. A plain voice recording works."
    ),
    "audio_does_not_fit": Sentence("The sound of this answer does not fit into a message."),
    "audio_too_slow": Sentence(
        "That sound took too long to read, so I gave up. Something shorter or simpler may work."
    ),
    "audio_memory": Sentence(
        "That recording needs more memory than I may use. Please send a shorter or simpler one."
    ),
    "audio_busy": Sentence(
        "Too many recordings are waiting for me just now. Please try again in a minute."
    ),
    "audio_worker_died": Sentence(
        "That sound stopped my decoder, so I had to give it up. Another format, MP3 for "
        "example, may work."
    ),
    "audio_unavailable": Sentence(
        "Sound cannot be read or made here at the moment. Please write instead; the "
        "owner of the bot finds the reason in the log."
    ),
}


_ANSWER_DAMAGED = Sentence("The sound of this answer arrived damaged and cannot be played.")
_TOO_LONG = re.compile(
    r"That recording is (?P<more>more than )?(?P<length>[\d hmins.]{1,30}) long; "
    r"the most I can listen to is (?P<most>[\d hmins.]{1,30})\."
)


def failure(code: str) -> AudioError:
    """Make the error of a known code."""
    return AudioError(code, _SENTENCES[code])


def too_long(seconds: float, *, max_seconds: float, at_least: bool = False) -> AudioError:
    """Make the error of a clip over the limit; `at_least` when its end was not seen."""
    whole_s = max(round(seconds), math.floor(max_seconds) + 1)
    length = _length(seconds) if at_least else _length(whole_s)
    return _too_long(length, _length(max_seconds), at_least=at_least)


def _too_long(length: str, most: str, *, at_least: bool) -> AudioError:
    shown = Sentence("more than {length}", length=length) if at_least else length
    return AudioError(
        "audio_too_long",
        Sentence(
            "That recording is {length} long; the most I can listen to is {most}.",
            length=shown,
            most=most,
        ),
    )


def of_answer(error: AudioError) -> AudioError:
    """Say of the answer's sound what was said of a member's recording."""
    return AudioError(error.code, _ANSWER_DAMAGED)


def reported(code: str, sentence: str) -> AudioError:
    """Make the error that the worker reported, if it is one of ours.

    The worker opens untrusted files: nothing it might be made to say reaches a member.
    """
    if code == "audio_too_long" and (said := _TOO_LONG.fullmatch(sentence)) is not None:
        return _too_long(said["length"], said["most"], at_least=said["more"] is not None)
    if code.isidentifier() and sentence == _ANSWER_DAMAGED:
        return AudioError(code, _ANSWER_DAMAGED)
    return failure(code if sentence == _SENTENCES.get(code) else "audio_corrupt")


def _length(seconds: float) -> str:
    minutes, rest_s = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (0 if hours else rest_s, "s")]
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or f"{seconds:.1f} s"
