"""What models that do not hear and speak refuse of a request for a completion."""

from bot.local.chat_server.asked import Asked
from bot.local.chat_server.messages import AudioPart, User
from bot.local.chat_server.offer import SPEECH_MODELS, TEXT_MODELS, TRANSCRIBING_MODELS
from bot.local.chat_server.refusals import ApiRefusal, invalid_value


def check_kind(asked: Asked) -> None:
    """Refuse what a model of its kind cannot do.

    Raises:
        ApiRefusal: it only reads aloud or writes down, or it writes only and sound is involved.

    """
    if asked.model in SPEECH_MODELS or asked.model in TRANSCRIBING_MODELS:
        raise ApiRefusal(
            404,
            "This is not a chat model and thus not supported in the v1/chat/completions endpoint.",
            param="model",
        )
    if asked.model in TEXT_MODELS:
        _check_text_model(asked)


def _check_text_model(asked: Asked) -> None:
    if asked.modalities is not None and asked.model == TEXT_MODELS[0]:
        raise ApiRefusal(
            400, "Unknown parameter: 'modalities'.", code="unknown_parameter", param="modalities"
        )
    if asked.model == TEXT_MODELS[0]:
        _check_reasoning_model(asked)
    if asked.wants_sound or asked.audio is not None:
        raise invalid_value("model", f"The model {asked.model} does not answer with audio.")
    for place, message in enumerate(asked.messages):
        if isinstance(message, User) and isinstance(message.content, list):
            for part_place, part in enumerate(message.content):
                if isinstance(part, AudioPart):
                    raise _no_sound(f"messages[{place}].content[{part_place}].type")


def _check_reasoning_model(asked: Asked) -> None:
    """Refuse what models that reason take in no other form than their own."""
    for name in ("temperature", "top_p", "frequency_penalty", "presence_penalty"):
        own, value = _OWN.get(name, 1), getattr(asked, name)
        if value is not None and value != own:
            raise ApiRefusal(
                400,
                f"Unsupported value: '{name}' does not support {value} with this model. Only the "
                f"default ({own}) value is supported.",
                code="unsupported_value",
                param=name,
            )
    for name in ("logprobs", "top_logprobs", "max_tokens", "stop", "logit_bias"):
        if getattr(asked, name) is not None:
            raise ApiRefusal(
                400,
                f"Unsupported parameter: '{name}' is not supported with this model.",
                code="unsupported_parameter",
                param=name,
            )


_OWN = {"frequency_penalty": 0, "presence_penalty": 0}


def _no_sound(param: str) -> ApiRefusal:
    return invalid_value(
        param, "Invalid value: 'input_audio'. Supported values are: 'text', and 'image_url'."
    )
