"""Requests, read and checked as strictly as the system that is stood in for checks them."""

import re
from collections.abc import Callable

import msgspec

from bot.local.chat_server.asked import Asked, AudioWanted
from bot.local.chat_server.complaints import explain, missing
from bot.local.chat_server.messages import Assistant
from bot.local.chat_server.presets.preset import Preset
from bot.local.chat_server.refusals import ApiRefusal, invalid_value, quoted
from bot.local.chat_server.tool_checks import check_order, check_tools
from bot.local.chat_server.written_forms import check_forms

_CUSTOM_VOICE = re.compile(r"voice_[A-Za-z0-9_-]{1,100}")

_decoder = msgspec.json.Decoder(Asked)


def read_request(body: bytes, preset: Preset, *, deployment: str | None = None) -> Asked:
    """Read a request.

    Args:
        body: JSON.
        preset: the system that is stood in for.
        deployment: the model, where the address names it.

    Raises:
        ApiRefusal: anything the system would not take either.

    """
    try:
        asked = _decoder.decode(body) if _is_plain(preset, deployment) else None
        if asked is None:
            asked = _translate(body, preset, deployment)
    except msgspec.ValidationError as error:
        raise explain(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ApiRefusal(400, "We could not parse the JSON body of your request.") from error
    for check in _CHECKS:
        check(asked, preset)
    return asked


def _is_plain(preset: Preset, deployment: str | None) -> bool:
    """Whether requests are OpenAI's own, which can be read without a detour."""
    return not preset.rules and deployment is None


def _translate(body: bytes, preset: Preset, deployment: str | None) -> Asked:
    fields = msgspec.json.decode(body, type=dict[str, object])
    if deployment is not None:
        fields["model"] = deployment
    for rule in preset.rules:
        fields = rule(fields)
    return msgspec.convert(fields, Asked)


def _check_modalities(asked: Asked, preset: Preset) -> None:
    if asked.wants_sound and asked.audio is None:
        raise missing("audio")
    if asked.modalities == ["audio"]:
        raise invalid_value(
            "modalities", "Invalid value: ['audio']. Supported values are: ['text', 'audio']."
        )
    if preset.needs_sound:
        _check_that_sound_is_involved(asked)


def _check_that_sound_is_involved(asked: Asked) -> None:
    hears = "audio" in asked.model
    if hears and not asked.wants_sound and not asked.has_sound:
        raise invalid_value(
            "model",
            "This model requires that either input content or output modality contain audio.",
        )
    if not asked.wants_sound and "gpt-audio-mini" in asked.model:
        raise invalid_value("model", "This model requires an audio output modality.")


def _check_voice(asked: Asked, preset: Preset) -> None:
    if asked.audio is None:
        return
    voice = asked.audio.voice
    custom = not isinstance(voice, str) and preset.has_custom_voices
    known = _CUSTOM_VOICE.fullmatch(asked.audio.voice_name) if custom else voice in preset.voices
    if not known:
        name, names = asked.audio.voice_name, quoted(tuple(preset.voices))
        raise invalid_value(
            "audio.voice", f"Invalid value: '{name}'. Supported values are: {names}."
        )


def _check_format(asked: Asked, preset: Preset) -> None:
    wanted = asked.audio.format if asked.audio else None
    if wanted is not None and wanted not in preset.formats:
        raise invalid_value(
            "audio.format",
            f"Invalid value: '{wanted}'. Supported values are: {quoted(preset.formats)}.",
        )


def _check_stream(asked: Asked, preset: Preset) -> None:
    if asked.stream_options is not None and not asked.stream:
        raise invalid_value(
            "stream_options",
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        )
    wanted = asked.audio if asked.stream and asked.wants_sound else None
    if wanted is not None and wanted.format not in preset.stream_formats:
        raise _not_streamed(wanted, preset)


def _not_streamed(wanted: AudioWanted, preset: Preset) -> ApiRefusal:
    return ApiRefusal(
        400,
        f"Unsupported value: 'audio.format' does not support '{wanted.format}' "
        f"when stream=true. Supported values are: {quoted(preset.stream_formats)}.",
        code="unsupported_value",
        param="audio.format",
    )


def _check_assistant(asked: Asked, _preset: Preset) -> None:
    for place, message in enumerate(asked.messages):
        if not isinstance(message, Assistant):
            continue
        said = (message.content, message.audio, message.refusal, message.tool_calls)
        if all(each is None for each in said):
            raise ApiRefusal(
                400,
                f"Invalid value for 'content': expected a string, got null. "
                f"(messages[{place}].content)",
                param=f"messages[{place}].content",
            )


_CHECKS: tuple[Callable[[Asked, Preset], None], ...] = (
    _check_modalities,
    _check_voice,
    _check_format,
    _check_stream,
    _check_assistant,
    lambda asked, _preset: check_forms(asked),
    lambda asked, _preset: check_tools(asked),
    lambda asked, _preset: check_order(asked.messages),
)
