"""One server: where it is, what lets us in, and how it differs."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.chat_api.failures import Target
from bot.chat_api.provider import Provider
from bot.chat_api.providers import OPENAI
from bot.chat_api.transport import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What all calls to one server share.

    Attributes:
        base_url: see `endpoint`.
        secret: the key; never shown.
        provider: how it differs from OpenAI.
        settings: how the names of its settings begin.

    """

    base_url: str
    secret: str = field(repr=False)
    provider: Provider = OPENAI
    settings: str = "OPENAI"

    @property
    def key(self) -> Key:
        """What lets us in, as it is sent."""
        return Key(self.secret, self.provider.key_header)

    def target(self, model: str, setting: str | None) -> Target:
        """Name a model here, and the setting that names it; None where something else chose."""
        host = urlsplit(self.base_url).hostname or ""
        return Target(host, model, self.provider.retired.get(model), self.settings, setting)
