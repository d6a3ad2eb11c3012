"""What is installed, what takes its place, and getting it ready in the background."""

import threading
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot.local.chat_server.engines import Line
from bot.local.espeak import Espeak, SpeechMissing
from bot.local.speech import engines, smollm
from bot.local.speech.engines import LoadingEngines, Names, installed, load
from bot.local.speech.fetch import SMOLLM2, Carried
from bot.local.speech.pinned import digest_of
from tests.local.speech.little_model import write_little_model
from tests.local.speech.sentences import accuracy

WORDS = "Good morning, what a lovely day it is today."


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(
        engines, "find_spec", lambda name: None if name in names else find_spec(name)
    )


def test_with_everything_installed_it_hears_thinks_and_speaks(tmp_path: Path) -> None:
    steps: list[tuple[str, float]] = []
    loaded = load(tmp_path, lambda what, share: steps.append((what, share)))

    assert str(loaded.names) == "hears: Moonshine tiny, thinks: rules, speaks: hibari"
    assert loaded.problems == ()
    assert loaded.ears is not None
    assert accuracy(WORDS, loaded.ears.hear(loaded.voice.speak(WORDS, "nova"))) >= 0.8
    assert loaded.mind.answer([Line("member", "What is 2 + 2?")]) == "That makes 4."
    assert steps[-1] == ("ready", 1.0)
    assert [share for _, share in steps] == sorted(share for _, share in steps)


@pytest.mark.parametrize(
    ("missing", "names"),
    [
        (("hibari",), Names("Moonshine tiny", "rules", "eSpeak NG")),
        (("moonshine_voice",), Names(None, "rules", "hibari")),
        (("onnxruntime",), Names(None, "rules", "eSpeak NG")),
        (("numpy",), Names(None, "rules", "eSpeak NG")),
        (("hibari", "onnxruntime", "espeakng_loader"), Names(None, "rules", None)),
    ],
)
def test_the_next_best_stands_in_for_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...], names: Names
) -> None:
    without(monkeypatch, *missing)
    assert installed(tmp_path) == names


def test_the_smallest_set_loads_without_the_heavy_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "onnxruntime", "numpy", "hibari", "moonshine_voice")
    loaded = load(tmp_path)
    assert isinstance(loaded.voice, Espeak)
    assert loaded.ears is None
    assert str(loaded.names) == "hears: nothing, thinks: rules, speaks: eSpeak NG"


def test_a_part_that_does_not_load_is_told_and_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise OSError("it lacks a library")

    monkeypatch.setattr("bot.local.speech.natural.NaturalVoice", broken)
    (tmp_path / SMOLLM2.name).write_bytes(b"half of it")
    loaded = load(tmp_path)
    assert loaded.names == Names("Moonshine tiny", "rules", "eSpeak NG")
    assert "hibari is installed, but does not load here: it lacks a library" in loaded.problems[0]
    assert "The language model is installed, but does not load here" in loaded.problems[1]
    assert len(caplog.records) == 2


def test_a_fetched_language_model_answers_what_no_rule_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_little_model(tmp_path / "little.gguf")
    little = Carried("little==1", "", "little/little.gguf", digest_of(path))
    monkeypatch.setattr(engines, "SMOLLM2", little)
    monkeypatch.setattr(smollm, "SMOLLM2", little)
    loaded = load(tmp_path)

    assert loaded.names.thinks == "rules, SmolLM2-135M"
    assert loaded.mind.answer([Line("member", "What is 2 + 2?")]) == "That makes 4."
    assert "practice model" not in loaded.mind.answer([Line("member", "Who wrote Faust?")])


def test_loading_goes_on_in_the_background_and_use_waits_for_it(tmp_path: Path) -> None:
    go_on = threading.Event()

    def wait(_what: str, _share: float) -> None:
        assert go_on.wait(30)

    loading = LoadingEngines(tmp_path, wait)
    assert loading.names == Names("Moonshine tiny", "rules", "hibari")
    with pytest.raises(TimeoutError):
        loading.wait(0.01)
    assert loading.share < 1
    go_on.set()

    assert loading.ears is not None
    assert accuracy(WORDS, loading.ears.hear(loading.voice.speak(WORDS, "coral"))) >= 0.8
    assert loading.mind.answer([Line("member", "What is 2 + 2?")]) == "That makes 4."
    assert (loading.doing, loading.share) == ("ready", 1.0)
    assert loading.wait().problems == ()


def test_without_anything_to_speak_with_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "hibari", "espeakng_loader")
    with pytest.raises(SpeechMissing, match="make demo-tiny"):
        LoadingEngines(tmp_path)


def test_ears_that_do_not_load_hear_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.local.speech.moonshine.find_model", lambda: tmp_path)
    loading = LoadingEngines(tmp_path)
    assert loading.ears is not None
    assert loading.ears.hear(bytes(48_000)) == ""
    assert loading.wait().names.hears is None
    assert loading.names.hears is None
    assert "Moonshine tiny is installed, but does not load here" in loading.problems[0]
    assert "Moonshine tiny does not load" in caplog.text


def test_a_voice_that_does_not_load_and_has_no_stand_in_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise SpeechMissing("it lacks a library")

    monkeypatch.setattr("bot.local.speech.natural.NaturalVoice", broken)
    monkeypatch.setattr(engines, "Espeak", broken)
    loading = LoadingEngines(tmp_path)
    with pytest.raises(SpeechMissing):
        loading.wait()
    assert loading.problems == ("The model cannot speak here: it lacks a library",)
    assert "hibari does not load" in caplog.text
