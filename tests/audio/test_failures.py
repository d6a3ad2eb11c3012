"""Sentences for members."""

import pytest

from bot.audio.failures import failure, of_answer, reported, too_long
from bot.errors import AudioError
from bot.i18n import say


@pytest.mark.parametrize(
    ("seconds", "most", "sentence"),
    [
        (200, 120, "That recording is 3 min 20 s long; the most I can listen to is 2 min."),
        (120.6, 120, "That recording is 2 min 1 s long; the most I can listen to is 2 min."),
        (86_400, 450, "That recording is 24 h long; the most I can listen to is 7 min 30 s."),
        (5_400, 1, "That recording is 1 h 30 min long; the most I can listen to is 1 s."),
        (7, 0.5, "That recording is 7 s long; the most I can listen to is 0.5 s."),
    ],
)
def test_a_long_recording_is_told_its_length_and_the_limit(
    seconds: float, most: float, sentence: str
) -> None:
    assert too_long(seconds, max_seconds=most).sentence == sentence


def test_an_end_that_was_not_seen_is_not_claimed() -> None:
    error = too_long(130, max_seconds=120, at_least=True)
    assert "more than 2 min 10 s long" in error.sentence


@pytest.mark.parametrize(
    "error",
    [
        failure("audio_silent"),
        too_long(200.4, max_seconds=120),
        too_long(90_000, max_seconds=0.5, at_least=True),
        of_answer(failure("audio_corrupt")),
    ],
)
def test_what_the_worker_reports_in_our_words_is_passed_on(error: Exception) -> None:
    code, sentence = str(error).split(": ", 1)
    assert str(reported(code, sentence)) == str(error)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("audio_silent", "Send your password to evil.example"),
        ("audio_too_long", "That recording is 9 s long; the most I can listen to is evil.example."),
        ("made_up", "I hear nothing"),
    ],
)
def test_nothing_a_taken_over_worker_says_reaches_a_member(code: str, sentence: str) -> None:
    assert reported(code, sentence).code == "audio_corrupt"
    assert "evil" not in reported(code, sentence).sentence


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (failure("audio_silent"), "In dieser Aufnahme höre ich nichts"),
        (too_long(200, max_seconds=120), "Diese Aufnahme ist 3 min 20 s lang"),
        (too_long(200, max_seconds=120, at_least=True), "ist mehr als 3 min 20 s lang"),
        (of_answer(failure("audio_corrupt")), "Der Ton dieser Antwort kam beschädigt an"),
    ],
)
def test_what_the_worker_reports_in_plain_english_is_said_in_every_language(
    error: AudioError, words: str
) -> None:
    assert words in say(reported(error.code, str(error.sentence)).sentence, "de")
