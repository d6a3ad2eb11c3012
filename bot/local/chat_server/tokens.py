"""How much of what was heard, said, read and written, in tokens."""

from typing import Any

from bot.domain.usage import ANSWER_TOKENS_PER_S

_CHARACTERS_PER_TOKEN = 4


def text_tokens(text: str) -> int:
    """Count words, roughly."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def affordable_share(most_tokens: int | None, written_tokens: int, seconds: float) -> float:
    """Tell how much of an answer fits into the allowed tokens, 1 for all of it."""
    tokens = written_tokens + seconds * ANSWER_TOKENS_PER_S
    return 1.0 if most_tokens is None or tokens <= most_tokens else most_tokens / tokens


def usage(*, read: int, heard: int, written: int, spoken: int) -> dict[str, Any]:
    """Tell the tokens as OpenAI does."""
    asked, answered = read + heard, written + spoken
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
        "prompt_tokens_details": {
            "cached_tokens": 0,
            "audio_tokens": heard,
            "text_tokens": read,
            "image_tokens": 0,
        },
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": spoken,
            "text_tokens": written,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
