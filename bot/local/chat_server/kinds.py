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
    if asked.wants_sound or asked.audio is not None:
        raise invalid_value("model", f"The model {asked.model} does not answer with audio.")
    for place, message in enumerate(asked.messages):
        if isinstance(message, User) and isinstance(message.content, list):
            for part_place, part in enumerate(message.content):
                if isinstance(part, AudioPart):
                    raise _no_sound(f"messages[{place}].content[{part_place}].type")


def _no_sound(param: str) -> ApiRefusal:
    return invalid_value(
        param, "Invalid value: 'input_audio'. Supported values are: 'text', and 'image_url'."
    )
