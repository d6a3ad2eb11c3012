import pytest

from bot.domain.prompt import Prompt
from bot.domain.reply import Heard, ModelAudio, Sound, SpokenReply
from bot.errors import Refused
from bot.health.metered import Meter
from bot.health.metrics import Metrics


class Unasked:
    """A model that nobody may ask."""

    origin = model = "unasked"

    def origin_of(self, model: str | None) -> str:
        return f"unasked {model}"

    def origins(self, model: str | None) -> set[str]:
        return {self.origin_of(model)}

    async def speak(self, prompt: Prompt, on_waste: object) -> SpokenReply:
        raise AssertionError("asked")

    async def synthesize(
        self, text: str, voice: str, *, speed: float | None = None, instructions: str | None = None
    ) -> Sound:
        raise AssertionError("asked")

    async def write_down(self, clip: ModelAudio) -> Heard:
        raise AssertionError("asked")


async def closed() -> None:
    raise Refused("storage_failing", "No.")


async def test_nothing_is_bought_while_the_gate_is_closed() -> None:
    metrics = Metrics()
    meter = Meter(metrics, closed)
    prompt, clip = Prompt.__new__(Prompt), ModelAudio(b"x", "mp3", 1)
    for buying in (
        meter.speaker(Unasked(), "openai").speak(prompt, lambda _: None),
        meter.reciter(Unasked(), "openai").synthesize("Hello", "ash"),
        meter.writer(Unasked(), "openai").write_down(clip),
    ):
        with pytest.raises(Refused):
            await buying
    assert b"voicebot_model_calls_total{" not in metrics.text()


def test_who_is_asked_by_the_meter_goes_by_their_own_names() -> None:
    meter = Meter(Metrics(), closed)
    speaker = meter.speaker(Unasked(), "openai")
    assert (speaker.origin, speaker.origin_of("x")) == ("unasked", "unasked x")
    assert speaker.origins(None) == {"unasked None"}
    assert meter.reciter(Unasked(), "openai").model == "unasked"
