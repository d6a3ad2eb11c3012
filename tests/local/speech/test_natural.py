"""The natural voices, by measure and not by name."""

import itertools
import statistics
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bot.domain.voices import VOICES
from bot.local.chat_server.hearing import measure
from bot.local.speech.characters import CHARACTERS, character_of
from bot.local.speech.natural import NaturalVoice
from tests.local.speech.portraits import closest, distance, portrait, told_apart
from tests.local.speech.sentences import SENTENCES


def test_every_voice_of_the_project_has_a_character() -> None:
    assert set(CHARACTERS) == set(VOICES)


def test_thirteen_voices_are_told_apart_whatever_they_say(natural: NaturalVoice) -> None:
    portraits = {v: [portrait(natural.speak(s, v)) for s in SENTENCES] for v in VOICES}
    assert told_apart(portraits) >= 0.85
    least, one, other = closest(portraits)
    assert least > 1.5, f"{one} and {other}: {least:.2f}"


def test_speech_is_of_ordinary_length_and_level(natural: NaturalVoice) -> None:
    for voice in VOICES:
        heard = measure(natural.speak(SENTENCES[0], voice))
        assert 2.5 < heard.seconds < 6, voice
        assert -30 < heard.loudness_dbfs < -12, voice


def test_the_same_words_sound_the_same_to_the_byte(natural: NaturalVoice) -> None:
    first, again = (natural.speak("Good evening.", "ballad") for _ in range(2))
    assert first == again


def test_a_custom_voice_is_the_same_every_time_and_another_one_another(
    natural: NaturalVoice,
) -> None:
    names = [f"voice_{number}" for number in range(8)]
    assert [character_of(name) for name in names] == [character_of(name) for name in names]
    portraits = {name: [portrait(natural.speak(SENTENCES[0], name))] for name in names}
    apart = [distance(a[0], b[0]) for a, b in itertools.combinations(portraits.values(), 2)]
    assert statistics.median(apart) > 2.0
    assert min(apart) > 0.5


def test_threads_do_not_mix_their_words(natural: NaturalVoice) -> None:
    work = [("Yes. " * (n % 4 + 1), voice) for n, voice in enumerate(VOICES)]
    alone = [natural.speak(*each) for each in work]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda each: natural.speak(*each), work)) == alone


@pytest.mark.parametrize("text", ["", " ", "\0", "a\0b", "🎈", "\ud800", "[[t@st]] <b>", "汉字"])
def test_any_text_is_spoken_or_silent_but_never_an_accident(
    natural: NaturalVoice, text: str
) -> None:
    assert len(natural.speak(text, "alloy")) % 2 == 0


def test_a_very_long_sentence_is_spoken_whole(natural: NaturalVoice) -> None:
    words = 150
    pcm = natural.speak("and then " * words, "nova")
    assert len(pcm) / 48_000 > words * 0.2
    assert np.abs(np.frombuffer(pcm, "<i2")).max() < 32_767
