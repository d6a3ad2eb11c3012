"""The real engines, loaded once."""

import pytest

pytest.importorskip("onnxruntime", reason="there is no onnxruntime for this machine")

from bot.local.speech.moonshine import Moonshine, find_model
from bot.local.speech.natural import NaturalVoice


@pytest.fixture(scope="session")
def natural() -> NaturalVoice:
    return NaturalVoice()


@pytest.fixture(scope="session")
def ears() -> Moonshine:
    return Moonshine(find_model())
