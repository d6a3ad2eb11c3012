"""Reading single environment variables: cleaned, checked, and what is wrong put into a sentence."""

import math
from collections.abc import Mapping
from ipaddress import ip_address
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from bot.domain.voices import parse_voice
from bot.errors import Refused


class SettingsError(Exception):
    """What is wrong with the configuration: one sentence for each mistake, saying how to mend it.

    Attributes:
        problems: the sentences.

    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Secret:
    """A text that no log, traceback or pickle shows."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "***"

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("secrets are not pickled")


class EnvReader:
    """Reads one variable after the other; what is wrong is noted, and a stand-in given back.

    Attributes:
        asked: the names read so far.
        problems: a sentence for each mistake so far.

    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.asked: list[str] = []
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """Read any text, without blanks and quotes around it."""
        self.asked.append(name)
        return _unquoted(self._env.get(name, "")) or default

    def word(self, name: str, default: str = "") -> str:
        """Read a text without blanks in it."""
        word = self.text(name, default)
        if any(character.isspace() or not character.isprintable() for character in word):
            self.problems.append(f"{name} has blanks or line ends in it; write it without.")
        return word

    def token(self, name: str, *, checked: bool) -> Secret:
        """Read a bot token; its form is `checked` when it is for Discord itself."""
        token = self._bare(name, "Bot ")
        where = "It is in the developer portal: your application, Bot, Reset Token."
        if not token:
            self.problems.append(f"{name} is missing. {where}")
        elif checked and token.count(".") != 2:
            self.problems.append(
                f"{name} is no bot token: that has three parts joined by dots. {where}"
            )
        return Secret(token)

    def key(self, name: str, *, required: bool) -> Secret:
        """Read a key of the model's server."""
        key = self._bare(name, "Bearer ")
        if required and not key:
            self.problems.append(
                f"{name} is missing: set the key of the server that "
                f"{name.removesuffix('API_KEY')}BASE_URL names. "
                "Only a server on this machine may do without."
            )
        return Secret(key)

    def _bare(self, name: str, prefix: str) -> str:
        """Read a secret and take off what was copied along with it."""
        value = self.text(name)
        for known in ("Authorization:", prefix):
            if value.lower().startswith(known.lower()):
                value = _unquoted(value[len(known) :])
        if not all("!" <= character <= "~" for character in value):
            self.problems.append(
                f"{name} has blanks, line ends or foreign characters in it; copy it once more."
            )
        return value

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """Read a whole number."""
        number = self.whole(name, least, most)
        return default if number is None else number

    def whole(self, name: str, least: int, most: int) -> int | None:
        """Read a whole number, digit by digit; None where nothing is said."""
        text = self.text(name)
        if not text:
            return None
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if least <= number <= most:
            return number
        self.problems.append(
            f"{name} must be a whole number from {least} to {most}; it is {text!r}."
        )
        return None

    def decimal(self, name: str, least: float, most: float) -> float | None:
        """Read a number; None where nothing is said."""
        text = self.text(name)
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if least <= number <= most:
            return number
        self.problems.append(f"{name} must be a number from {least} to {most}; it is {text!r}.")
        return None

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """Read one of several words, in any case."""
        text = self.text(name, default)
        for choice in choices:
            if choice.lower() == text.lower():
                return choice
        listed = ", ".join(filter(None, choices))
        self.problems.append(f"{name} must be one of {listed}; it is {text!r}.")
        return default

    def words(self, name: str) -> tuple[str, ...]:
        """Read words, separated by commas or blanks."""
        return tuple(self.text(name).replace(",", " ").split())

    def some(self, name: str, choices: tuple[str, ...]) -> frozenset[str]:
        """Read any number of certain words, in any case; none by default."""
        words = [word.lower() for word in self.words(name)]
        if unknown := [word for word in words if word not in choices]:
            self.problems.append(
                f"{name} may hold {', '.join(choices)}; it has {', '.join(map(repr, unknown))}."
            )
        return frozenset(words)

    def voice(self, name: str, default: str) -> str:
        """Read the name of a voice."""
        try:
            return parse_voice(self.text(name, default))
        except Refused as error:
            self.problems.append(f"{name}: {error.sentence}")
            return default

    def database(self, name: str, default: str) -> str:
        """Read the address of a SQLite file."""
        url = self.text(name, default)
        scheme, _, path = url.partition(":///")
        if scheme != "sqlite+aiosqlite" or path in ("", "/", ":memory:"):
            self.problems.append(
                f"{name} must name a file, as in {default} (a path from the root has four slashes)."
            )
        return url

    def url(
        self, name: str, scheme: str, default: str | None = None, *, query: bool = False
    ) -> str | None:
        """Read an address, maybe with a query; without TLS (http, ws) only on this machine."""
        text = self.text(name, default or "")
        if not text:
            return None
        if not _is_address(text, scheme, query=query):
            self.problems.append(
                f"{name} must be an address such as {default or f'{scheme}://host/path'}; "
                f"{scheme.removesuffix('s')}:// is allowed only for this machine (127.0.0.1)."
            )
        return text.rstrip("/")

    def address(self, name: str, default: str) -> str:
        """Read an address of this machine to listen on."""
        text = self.text(name, default)
        try:
            return str(ip_address(text.removeprefix("[").removesuffix("]")))
        except ValueError:
            if text.lower() != "localhost":
                self.problems.append(
                    f"{name} must be an IP address such as {default}, or localhost; it is {text!r}."
                )
            return text

    def hosts(self, name: str, default: str, *, local: bool) -> frozenset[str]:
        """Read names of hosts; `local` allows this machine."""
        hosts = frozenset(
            h.strip().lower() for h in self.text(name, default).split(",") if h.strip()
        )
        if not hosts:
            self.problems.append(f"{name} names no host; leave it out for {default}.")
        for host in sorted(hosts):
            parts = _split(f"//{host}")
            if parts is None or parts.netloc != host or not parts.hostname or parts.username:
                self.problems.append(f"{name}: {host!r} is no host; write only its name.")
            elif is_loopback(f"//{host}") and not local:
                self.problems.append(
                    f"{name}: {host!r} is this machine; that is allowed only when "
                    "DISCORD_API_URL is this machine too."
                )
        return hosts


def _unquoted(text: str) -> str:
    text = text.strip()
    while len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`":
        if text[0] in text[1:-1]:  # two quotations, not one around all of it
            break
        text = text[1:-1].strip()
    return text


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # looked at only now
    except ValueError:
        return None
    return parts


def _is_address(url: str, scheme: str, *, query: bool) -> bool:
    parts = _split(url)
    if parts is None or not parts.hostname or parts.username or parts.fragment:
        return False
    if parts.query and not query:
        return False
    plain = scheme.removesuffix("s")
    return parts.scheme == scheme or (parts.scheme == plain and is_loopback(url))


def is_loopback(url: str | None) -> bool:
    """Tell whether an address is on this machine, by its name alone."""
    host = parts.hostname if url and (parts := _split(url)) else None
    if host is None:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
