"""The `usage` of an answer as token counts by kind. Pure."""

from msgspec import Struct

from bot.domain.reply import Usage

_MOST_TOKENS = 10**9


class _InDetails(Struct):
    text_tokens: int | None = None
    audio_tokens: int | None = None
    cached_tokens: int | None = None


class _OutDetails(Struct):
    text_tokens: int | None = None
    audio_tokens: int | None = None


class UsageFields(Struct):
    """`usage` on the wire; every field may be missing or null."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _InDetails | None = None
    completion_tokens_details: _OutDetails | None = None


def count_tokens(fields: UsageFields, *, spoken: bool) -> Usage:
    """Trust the details before the totals: some proxies rewrite totals into their own credits.

    Without details all of a spoken answer counts as sound, the dearer kind.
    """
    asked = fields.prompt_tokens_details or _InDetails()
    answered = fields.completion_tokens_details or _OutDetails()
    text_in, audio_in = _by_kind(
        fields.prompt_tokens, asked.text_tokens, asked.audio_tokens, rest_is_audio=False
    )
    text_out, audio_out = _by_kind(
        fields.completion_tokens, answered.text_tokens, answered.audio_tokens, rest_is_audio=spoken
    )
    cached = min(_sane(asked.cached_tokens), text_in)
    return Usage(text_in, audio_in, text_out, audio_out, cached)


def _by_kind(
    total: int | None, text: int | None, audio: int | None, *, rest_is_audio: bool
) -> tuple[int, int]:
    """Return tokens of text and of audio."""
    all_tokens, text_tokens, audio_tokens = _sane(total), _sane(text), _sane(audio)
    if text is None and audio_tokens:
        return max(all_tokens - audio_tokens, 0), audio_tokens
    if audio is None and text_tokens:
        return text_tokens, max(all_tokens - text_tokens, 0)
    if text_tokens or audio_tokens:
        return text_tokens, audio_tokens
    return (0, all_tokens) if rest_is_audio else (all_tokens, 0)


def _sane(tokens: int | None) -> int:
    return min(max(tokens or 0, 0), _MOST_TOKENS)
