"""Whom to ask: one server, or several in order."""

from dataclasses import dataclass

from bot.chat_api.provider import Provider
from bot.chat_api.providers import PROVIDERS, provider_at
from bot.settings.reader import EnvReader, Secret, is_loopback

FIRST = "OPENAI"
"""How the names of the settings begin when there is one server, whoever runs it."""

SPEECH_MODEL = "gpt-4o-mini-tts"
_MODEL = "gpt-audio-1.5"
_OF_EACH = ("BASE_URL", "API_KEY", "MODEL", "TEXT_MODEL", "SPEECH_MODEL")


@dataclass(frozen=True, slots=True)
class ModelServer:
    """One server that answers, and what lets us in.

    Attributes:
        provider: the system that it is.
        key: empty only where none is needed.
        model: hears and speaks.
        text_model: answers text in text; None when there is none.
        speech_model: speaks given words.
        settings: how the names of its settings begin.

    """

    provider: Provider
    base_url: str
    key: Secret
    model: str
    text_model: str | None
    speech_model: str
    settings: str = FIRST


def names_of_servers() -> tuple[str, ...]:
    """Name the settings of every system that may be among several."""
    return tuple(f"{prefix_of(name)}_{each}" for name in PROVIDERS for each in _OF_EACH)


def prefix_of(provider: str) -> str:
    """Tell how the names of a system's settings begin."""
    return provider.upper().replace("-", "_")


def read_servers(reader: EnvReader) -> tuple[ModelServer, ...]:
    """Read whom to ask, in order; never empty."""
    several = tuple(dict.fromkeys(name.lower() for name in reader.words("PROVIDERS")))
    alone = _read_alone(reader, checked=not several)
    if not several:
        return (alone,)
    if unknown := [name for name in several if name not in PROVIDERS]:
        reader.problems.append(
            f"PROVIDERS may hold {', '.join(PROVIDERS)}; it has {', '.join(unknown)}."
        )
        return (alone,)
    first, *rest = (PROVIDERS[name] for name in several)
    return (
        _read_one(reader, first, alone),
        *(_read_one(reader, each, None) for each in rest),
    )


def _read_alone(reader: EnvReader, *, checked: bool) -> ModelServer:
    """Read the server of those who have one; only then is it `checked` that all is there."""
    typed_url = reader.url("OPENAI_BASE_URL", "https", query=True)
    named = reader.choice("PROVIDER", ("", *PROVIDERS), "")
    if named and not checked:
        reader.problems.append("Set PROVIDER for one server, or PROVIDERS for several, not both.")
    known = PROVIDERS[named] if named else provider_at(typed_url or "https://api.openai.com/v1")
    base_url = typed_url or known.base_url
    if base_url is None and checked:
        reader.problems.append(f"OPENAI_BASE_URL is missing: every {known.title} has its own.")
    needed = checked and known.needs_key and not is_loopback(base_url)
    return ModelServer(
        known,
        base_url or "",
        reader.key("OPENAI_API_KEY", required=needed),
        reader.word("OPENAI_MODEL", known.model or _MODEL),
        reader.word("TEXT_MODEL") or None,
        reader.word("SPEECH_MODEL", SPEECH_MODEL),
    )


def _read_one(reader: EnvReader, provider: Provider, defaults: ModelServer | None) -> ModelServer:
    """Read one of several; what TEXT_MODEL and SPEECH_MODEL name is the first one's."""
    prefix = prefix_of(provider.name)
    base_url = reader.url(f"{prefix}_BASE_URL", "https", provider.base_url, query=True)
    if base_url is None:
        reader.problems.append(f"{prefix}_BASE_URL is missing: every {provider.title} has its own.")
    needed = provider.needs_key and not is_loopback(base_url)
    text_model = defaults.text_model if defaults is not None else None
    speech_model = defaults.speech_model if defaults is not None else SPEECH_MODEL
    return ModelServer(
        provider,
        base_url or "",
        reader.key(f"{prefix}_API_KEY", required=needed),
        reader.word(f"{prefix}_MODEL", provider.model or _MODEL),
        reader.word(f"{prefix}_TEXT_MODEL", text_model or "") or None,
        reader.word(f"{prefix}_SPEECH_MODEL", speech_model),
        prefix,
    )
