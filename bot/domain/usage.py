"""What answers cost: prices per model, and the arithmetic of tokens."""

from dataclasses import dataclass

from bot.domain.reply import SpokenReply, Usage

MEMBER_TOKENS_PER_S = 10
"""Audio tokens per second of a member's speech (OpenAI's cost guide)."""

ANSWER_TOKENS_PER_S = 20
"""Audio tokens per second of the model's speech, spoken or sent back (OpenAI's cost guide)."""

_CHARACTERS_PER_S = 15
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per million tokens, by kind."""

    text_in: float
    text_out: float
    audio_in: float
    audio_out: float


@dataclass(frozen=True, slots=True)
class Waste:
    """A call that was paid for but gave no answer. `model` is as the server named it."""

    usage: Usage
    model: str


@dataclass(frozen=True, slots=True)
class Spent:
    """A call that was paid for.

    Attributes:
        usage: None when the server did not say.
        written_s: seconds of sound that were written down.

    """

    usage: Usage | None
    model: str
    written_s: float = 0.0


PRICES = {
    "gpt-audio-1.5": Prices(2.50, 10.00, 32.00, 64.00),
    "gpt-audio-mini": Prices(0.60, 2.40, 10.00, 20.00),
    "gpt-audio": Prices(2.50, 10.00, 32.00, 64.00),
    "gpt-4o-audio-preview": Prices(2.50, 10.00, 40.00, 80.00),
    "gpt-4o-mini-audio-preview": Prices(0.15, 0.60, 10.00, 20.00),
    "gpt-4o-mini-tts": Prices(0.60, 0, 0, 12.00),
    "gpt-4o-transcribe": Prices(2.50, 10.00, 2.50, 0),
    "gpt-4o-mini-transcribe": Prices(1.25, 5.00, 1.25, 0),
}
"""OpenAI's list prices of November 2026; dated snapshots cost what their model costs."""

USD_PER_WRITTEN_MINUTE = {"gpt-transcribe": 0.0045, "whisper-1": 0.006}
"""Of those that are paid for by the length of what they write down, whatever tokens they tell."""


def prices_of(model: str) -> Prices | None:
    """Find the prices of a model or of a dated snapshot of it; None when they are not known."""
    name = model.rpartition("/")[2].lower()
    for known in sorted(PRICES, key=len, reverse=True):
        if name == known or name.startswith(f"{known}-20"):
            return PRICES[known]
    return None


def cost_microusd(usage: Usage, model: str) -> int | None:
    """Price one call in millionths of a dollar; None for a model whose prices are not known."""
    prices = prices_of(model)
    if prices is None:
        return None
    return round(
        usage.text_in * prices.text_in
        + usage.audio_in * prices.audio_in
        + usage.text_out * prices.text_out
        + usage.audio_out * prices.audio_out
    )


def cost_of(spent: Spent) -> int | None:
    """Price a call in millionths of a dollar; None where its price or its tokens are not known."""
    by_minute = USD_PER_WRITTEN_MINUTE.get(spent.model.rpartition("/")[2].lower())
    if by_minute is not None and spent.written_s:
        return round(by_minute * 1e6 * spent.written_s / 60)
    return cost_microusd(spent.usage, spent.model) if spent.usage else None


def estimate_recital(text: str, seconds: float) -> Usage:
    """Estimate the tokens of words that were spoken as given: such answers do not tell them."""
    return Usage(
        text_in=-(-len(text) // _CHARACTERS_PER_TOKEN),
        audio_out=round(seconds * ANSWER_TOKENS_PER_S),
    )


def spoken_seconds(reply: SpokenReply) -> float:
    """Tell how long an answer speaks: by its audio tokens, else roughly by its words."""
    if reply.sound is None:
        return 0.0
    if reply.usage is not None and reply.usage.audio_out:
        return reply.usage.audio_out / ANSWER_TOKENS_PER_S
    return len(reply.transcript) / _CHARACTERS_PER_S
