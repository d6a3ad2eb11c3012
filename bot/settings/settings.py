"""Everything an owner may choose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from bot.domain.languages import LANGUAGES
from bot.domain.reply import SoundFormat
from bot.domain.room_settings import SAMPLING
from bot.domain.sampling import Sampling
from bot.domain.setting_words import Transcribe
from bot.services.tools.table import NAMES
from bot.settings.reader import EnvReader, Secret, SettingsError, is_loopback
from bot.settings.sampling import read_sampling
from bot.settings.servers import ModelServer, read_servers

ContentChoice = Literal["auto", "on", "off"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LogFormat = Literal["text", "json"]

_SHORTEST_SECRET = 8

SYSTEM_PROMPT = (
    "You are a voice assistant in a Discord chat. Your answers are heard, not read: keep them "
    "brief, usually one to four sentences, in plain spoken language without lists, headings, "
    "code or links unless somebody asks for them. Answer in the language of the person who "
    "speaks to you. When you did not understand a recording, say so and ask."
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an owner may choose; `.env.example` says what each is for.

    Attributes:
        servers: whom to ask, in order; the first one's models are those of the rooms.
        stream: whether answers are asked for in pieces where there is a choice.
        discord_api_url: None for Discord's own, as for the gateway.
        transcribe: when what members say is written down.
        speech_languages: codes of those that the voices speak, in lower case; empty for all.
        tools: names of the functions that models may call.
        models: what rooms may choose from; `model` is always the first of them.
        attachment_hosts: the hosts files are fetched from, `name` or `name:port`.
        member_rate: how many questions of one member are answered in a minute; 0 for all.
        server_rate: the same of one server.
        session_starts_per_hour: sessions with Discord's gateway, restarts included.
        health_host: the address that the health endpoint is on.
        health_port: 0 when there is no health endpoint.

    """

    discord_token: Secret
    servers: tuple[ModelServer, ...]
    stream: bool
    transcribe: Transcribe
    transcribe_model: str
    speech_languages: frozenset[str]
    models: tuple[str, ...]
    sampling: Sampling
    sampling_allowed: frozenset[str]
    tools: frozenset[str]
    persona_max_chars: int
    personas_max: int
    database_url: str
    default_voice: str
    audio_format: SoundFormat
    system_prompt: str
    message_content: ContentChoice
    attachment_hosts: frozenset[str]
    discord_api_url: str | None
    discord_gateway_url: str | None
    max_input_seconds: int
    max_attachment_bytes: int
    max_text_file_bytes: int
    max_answer_tokens: int
    request_deadline_s: int
    max_response_bytes: int
    max_in_flight: int
    member_rate: int
    server_rate: int
    history_turns: int
    history_tokens: int
    history_audio_seconds: int
    member_audio_turns: int
    member_audio_seconds: int
    member_audio_tokens: int
    catch_up_minutes: int
    keep_audio_days: int
    session_starts_per_hour: int
    health_host: str
    health_port: int
    log_level: LogLevel
    log_format: LogFormat

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            SettingsError: with every mistake there is.

        """
        reader = EnvReader(env)
        settings = _read(reader)
        if settings.transcribe is Transcribe.PRESS and not settings.keep_audio_days:
            reader.problems.append(
                "TRANSCRIBE=press needs kept recordings: KEEP_AUDIO_DAYS must be 1 or more."
            )
        if reader.problems:
            raise SettingsError(*(_hide(settings.secrets, each) for each in reader.problems))
        return settings

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be logged."""
        keys = (server.key for server in self.servers)
        return tuple(secret.value for secret in (self.discord_token, *keys) if secret)

    @property
    def model(self) -> str:
        """The model that hears and speaks where a room has chosen none."""
        return self.servers[0].model

    @property
    def answer_deadline_s(self) -> int:
        """Seconds for one answer as a whole: those of one call for each server."""
        return self.request_deadline_s * len(self.servers)

    @property
    def is_local(self) -> bool:
        """Whether Discord is a stand-in on this machine."""
        return is_loopback(self.discord_api_url)


def _hide(secrets: Iterable[str], problem: str) -> str:
    """Leave out of a complaint what was copied into the wrong setting as well."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            problem = problem.replace(secret, "***")
    return problem


def setting_names() -> tuple[str, ...]:
    """Name every environment variable that is read, in the order of `.env.example`."""
    reader = EnvReader({})
    _read(reader)
    return tuple(reader.asked)


def _read(reader: "EnvReader") -> Settings:
    servers = read_servers(reader)
    sampling, allowed = read_sampling(reader), _sampling_allowed(reader)
    tools = _tools(reader)
    _complain(reader, servers[0], sampling, allowed, tools)
    api_url = reader.url("DISCORD_API_URL", "https")
    gateway_url = reader.url("DISCORD_GATEWAY_URL", "wss")
    local = is_loopback(api_url)
    if local != is_loopback(gateway_url):
        reader.problems.append(
            "DISCORD_API_URL and DISCORD_GATEWAY_URL must both name a stand-in on this machine, "
            "or neither."
        )
    return Settings(
        discord_token=reader.token("DISCORD_TOKEN", checked=not local),
        servers=servers,
        stream=reader.choice("STREAM", ("off", "on"), "off") == "on",
        transcribe=Transcribe(reader.choice("TRANSCRIBE", tuple(Transcribe), Transcribe.OFF)),
        transcribe_model=reader.word("TRANSCRIBE_MODEL", "gpt-transcribe"),
        speech_languages=reader.some(
            "SPEECH_LANGUAGES", tuple(each.code.lower() for each in LANGUAGES)
        ),
        models=tuple(dict.fromkeys((servers[0].model, *reader.words("MODELS")))),
        sampling=sampling,
        sampling_allowed=allowed,
        tools=tools,
        persona_max_chars=reader.number("PERSONA_MAX_CHARS", 2000, 1, 4000),
        personas_max=reader.number("PERSONAS_MAX", 25, 0, 1000),
        database_url=reader.database("DATABASE_URL", "sqlite+aiosqlite:///data/bot.db"),
        default_voice=reader.voice("DEFAULT_VOICE", "alloy"),
        audio_format=cast(
            "SoundFormat", reader.choice("AUDIO_FORMAT", get_args(SoundFormat), "mp3")
        ),
        system_prompt=reader.text("SYSTEM_PROMPT", SYSTEM_PROMPT),
        message_content=cast(
            "ContentChoice", reader.choice("MESSAGE_CONTENT", get_args(ContentChoice), "auto")
        ),
        discord_api_url=api_url,
        discord_gateway_url=gateway_url,
        attachment_hosts=reader.hosts("ATTACHMENT_HOSTS", "cdn.discordapp.com", local=local),
        max_input_seconds=reader.number("MAX_INPUT_SECONDS", 120, 1, 450),
        max_attachment_bytes=reader.number("MAX_ATTACHMENT_BYTES", 25 * 2**20, 1, 2**29),
        max_text_file_bytes=reader.number("MAX_TEXT_FILE_BYTES", 64 * 2**10, 1, 2**20),
        max_answer_tokens=reader.number("MAX_COMPLETION_TOKENS", 2048, 16, 2**17),
        request_deadline_s=reader.number("REQUEST_DEADLINE_SECONDS", 120, 1, 900),
        max_response_bytes=reader.number("MAX_RESPONSE_BYTES", 32 * 2**20, 2**16, 2**30),
        max_in_flight=reader.number("MAX_IN_FLIGHT", 16, 1, 1000),
        member_rate=reader.number("MEMBER_RATE", 10, 0, 1000),
        server_rate=reader.number("SERVER_RATE", 60, 0, 1000),
        history_turns=reader.number("HISTORY_TURNS", 20, 0, 200),
        history_tokens=reader.number("HISTORY_TOKENS", 12_000, 0, 10**6),
        history_audio_seconds=reader.number("HISTORY_AUDIO_SECONDS", 120, 0, 3600),
        member_audio_turns=reader.number("MEMBER_AUDIO_TURNS", 2, 0, 200),
        member_audio_seconds=reader.number("MEMBER_AUDIO_SECONDS", 60, 0, 3600),
        member_audio_tokens=reader.number("MEMBER_AUDIO_TOKENS", 600, 0, 10**6),
        catch_up_minutes=reader.number("CATCH_UP_MINUTES", 30, 0, 24 * 60),
        keep_audio_days=reader.number("KEEP_AUDIO_DAYS", 7, 0, 3650),
        session_starts_per_hour=reader.number("SESSION_STARTS_PER_HOUR", 20, 1, 1000),
        health_host=reader.address("HEALTH_HOST", "127.0.0.1"),
        health_port=reader.number("HEALTH_PORT", 0, 0, 65_535),
        log_level=cast("LogLevel", reader.choice("LOG_LEVEL", get_args(LogLevel), "INFO")),
        log_format=cast("LogFormat", reader.choice("LOG_FORMAT", get_args(LogFormat), "text")),
    )


def _sampling_allowed(reader: EnvReader) -> frozenset[str]:
    return reader.some("SAMPLING_ALLOWED", tuple(each.name for each in SAMPLING))


def _complain(
    reader: EnvReader,
    server: ModelServer,
    sampling: Sampling,
    allowed: frozenset[str],
    tools: frozenset[str],
) -> None:
    """Refuse what would be set in vain at the server that is asked first."""
    provider, model = server.provider, server.model
    # The form of answers in writing is no matter of the model that speaks.
    spoken = sampling if server.text_model is None else replace(sampling, response_format=None)
    reader.problems += [f"{each}." for each in provider.complaints(model, spoken)]
    vain = [name for name in sorted(allowed) if not provider.sends(model, name)]
    if vain:
        reader.problems.append(
            f"SAMPLING_ALLOWED has {', '.join(vain)}, which {provider.title} is not sent."
        )
    if tools and not provider.sends(model, "tools"):
        reader.problems.append(f"TOOLS is set, and {provider.title} is offered no functions.")
    if sampling.top_logprobs is not None and not sampling.logprobs:
        reader.problems.append("TOP_LOGPROBS needs LOGPROBS=on.")
    if sampling.tool_choice not in {None, "auto", "none", "required", *tools}:
        reader.problems.append(
            "TOOL_CHOICE must be auto, none, required, or one of TOOLS; it is "
            f"{sampling.tool_choice!r}."
        )


def _tools(reader: "EnvReader") -> frozenset[str]:
    chosen = reader.some("TOOLS", (*NAMES, "all"))
    return frozenset(NAMES) if "all" in chosen else chosen
