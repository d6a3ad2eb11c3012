"""What answers in the demo: the offline model with its engines, or the real one."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.local.chat_server import ChatServer
from bot.local.discord_server.payloads import Json
from bot.local.speech.engines import LoadingEngines
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Answering:
    """The offline model, and in place of it the real one where `live` is given."""

    chat: ChatServer
    engines: LoadingEngines | None
    live: Settings | None = None

    @property
    def url(self) -> str:
        """Where the model is; good once its server runs."""
        return self.live.servers[0].base_url if self.live else self.chat.base_url

    @property
    def key(self) -> str:
        """Its key."""
        return self.live.servers[0].key.value if self.live else self.chat.key

    @property
    def settings(self) -> dict[str, str]:
        """What the bot must be told of it beside its address."""
        if self.live is None:
            return {"SPEECH_LANGUAGES": "en"}
        server = self.live.servers[0]
        return {"OPENAI_MODEL": server.model, "PROVIDER": server.provider.name}

    def describe(self) -> Json:
        """Describe it for the page."""
        if self.live is not None:
            return _live(self.live)
        engines = self.engines
        share = engines.share if engines else 1.0
        names = engines.names if engines else None
        hears = names is not None and names.hears is not None
        problems = engines.problems if engines else ()
        return {
            "live": False,
            "ready": share >= 1 or bool(problems),
            "progress": share,
            "doing": engines.doing if engines else "ready",
            "hears": hears,
            "thinks": names.thinks if names else "rules",
            "speaks": (names.speaks if names else None) or "espeak",
            "notice": _notice(hears=hears),
            "problems": list(problems),
        }


def offline(
    progress: Callable[[str, float], None] = lambda _what, _share: None, *, tiny: bool = False
) -> Answering:
    """Take the best engines that are installed, or the least; they load in the background.

    Raises:
        SpeechMissing: nothing to speak with is installed.

    """
    engines = LoadingEngines(progress=progress, tiny=tiny)
    chat = ChatServer(ears=engines.ears, mind=engines.mind, voice=engines.voice)
    return Answering(chat, engines)


def real(settings: Settings) -> Answering:
    """Take the real model; the offline one stands by without engines."""
    return Answering(ChatServer(), None, settings)


def _live(settings: Settings) -> Json:
    return {
        "live": True,
        "ready": True,
        "progress": 1.0,
        "doing": "ready",
        "hears": True,
        "thinks": settings.model,
        "speaks": settings.model,
        "notice": f"{settings.model} answers, and every answer costs.",
    }


def _notice(*, hears: bool) -> str:
    if hears:
        return "Offline demo model: it hears and speaks, do not expect wisdom."
    return "Offline demo model: it speaks, but knows no words of what it hears."
