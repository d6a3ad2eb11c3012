"""What of the settings the owner leaves to rooms, and what there is to choose from."""

from collections.abc import Collection
from typing import Any

from bot.domain import room_settings as settings
from bot.domain.owner import Owner
from bot.domain.personas import NO_PERSONA, Persona, same_name
from bot.domain.room_settings import Setting
from bot.domain.setting_kinds import Option
from bot.domain.setting_words import Speak
from bot.domain.voices import is_custom
from bot.errors import Refused
from bot.words import Sentence

MOST_SUGGESTIONS = 25
"""What Discord takes as the choices of an autocompletion, or the options of a select."""

_SUGGESTION_CHARACTERS = 100


def parse_setting(
    setting: Setting[Any], typed: str, owner: Owner, personas: Collection[Persona]
) -> str:
    """Read what a member typed for a setting.

    Args:
        setting: the setting.
        typed: a value, or a label of one.
        owner: what rooms may choose.
        personas: the whole library of the place.

    Returns:
        The text to store.

    Raises:
        Refused: it is no value, or one that the owner does not allow.

    """
    value = setting.kind.parse(typed)
    if setting is settings.PERSONA:
        value = _known_persona(value, personas)
    _require_allowed(setting, value, owner)
    return setting.kind.write(value)


def _known_persona(name: str, personas: Collection[Persona]) -> str:
    if name == NO_PERSONA:
        return name
    for persona in personas:
        if same_name(persona.name, name):
            return persona.name
    raise Refused(
        "persona_unknown",
        Sentence(
            "There is no persona of that name. Whoever has the permission Manage Server can add "
            "one with `/persona add`."
        ),
    )


def _require_allowed(setting: Setting[Any], value: object, owner: Owner) -> None:
    if setting is settings.SPEAK and value is not Speak.ALWAYS and owner.text_model is None:
        raise Refused(
            "no_text_model",
            Sentence(
                "I can only always speak: without speech, text is answered by a text model, and "
                "none is set. Whoever runs me can set TEXT_MODEL."
            ),
        )
    if setting is settings.MODEL:
        _require_models((str(value),), owner)
    if setting is settings.MODELS_DENIED and isinstance(value, frozenset):
        _require_models(value, owner)
        if value.issuperset(owner.models):
            raise Refused(
                "no_model_left", Sentence("That would leave no model at all; deny fewer.")
            )
    if setting in settings.SAMPLING and setting.name not in owner.sampling:
        raise Refused(
            "sampling_forbidden",
            Sentence(
                "Whoever runs me does not let rooms change {setting}; they can allow it with "
                "SAMPLING_ALLOWED.",
                setting=setting.name,
            ),
        )
    if setting is settings.ANSWER_TOKENS and isinstance(value, int) and value > owner.answer_tokens:
        raise Refused(
            "answer_too_long",
            Sentence("Whoever runs me allows at most {most} tokens.", most=owner.answer_tokens),
        )


def _require_models(names: Collection[str], owner: Owner) -> None:
    if not set(names) <= set(owner.models):
        raise Refused(
            "model_forbidden",
            Sentence(
                "Whoever runs me allows these models: {models}. They can allow others with MODELS.",
                models=", ".join(owner.models),
            ),
        )


def is_offered(setting: Setting[Any], owner: Owner) -> bool:
    """Tell whether the owner leaves anything to choose about a setting."""
    if setting in settings.SAMPLING:
        return setting.name in owner.sampling
    if setting in (settings.MODEL, settings.MODELS_DENIED):
        return len(owner.models) > 1
    return setting is not settings.SPEAK or owner.text_model is not None


def options_of(
    setting: Setting[Any], owner: Owner, personas: Collection[Persona]
) -> tuple[Option, ...]:
    """Give every value to suggest for a setting that the owner allows."""
    if not is_offered(setting, owner):
        return ()
    if setting is settings.PERSONA:
        return (*setting.kind.options, *(Option(each.name, each.name) for each in personas))
    if setting in (settings.MODEL, settings.MODELS_DENIED):
        return tuple(Option(name, name) for name in owner.models)
    if setting is settings.ANSWER_TOKENS:
        fitting = [each for each in setting.kind.options if int(each.value) < owner.answer_tokens]
        return (*fitting, Option(str(owner.answer_tokens), str(owner.answer_tokens)))
    return setting.kind.options


def suggest(options: Collection[Option], typed: str) -> tuple[Option, ...]:
    """Choose from options what fits what was typed so far; beginnings come first."""
    word = typed.strip().casefold()
    fitting = [each for each in options if word in f"{each.label} {each.value}".casefold()]
    fitting.sort(key=lambda each: not each.label.casefold().startswith(word))
    return tuple(fitting[:MOST_SUGGESTIONS])


def voice_options(typed: str, known: Collection[str]) -> tuple[Option, ...]:
    """Give the voices, with custom ones of `known` and one just typed."""
    custom = dict.fromkeys(each for each in (typed.strip(), *known) if is_custom(each))
    fitting = (Option(each, each) for each in custom if len(each) <= _SUGGESTION_CHARACTERS)
    return (*settings.VOICE.kind.options, *fitting)
