"""The container, without a container engine: its text, and its lines run in a jail.

Bubblewrap gives the lines a root of their own; the command runs read-only as the image's user.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.local.chat_server import ChatServer
from bot.local.discord_server.server import DiscordServer
from tests.e2e.world import GOLDEN

ROOT = Path(__file__).parents[1]
USER_ID = 10001
PYTHON = Path(sys.base_prefix)


@dataclass
class Stage:
    """One `FROM` and what follows it, in order."""

    base: str
    lines: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        return [text for name, text in self.lines if name == word]


def read_stages() -> list[Stage]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    stages: list[Stage] = []
    for line in text.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            stages.append(Stage(rest))
        elif word and not word.startswith("#"):
            stages[-1].lines.append((word, rest.strip()))
    return stages


BUILD, FINAL = read_stages()


def test_it_has_two_slim_stages_and_only_the_second_is_kept() -> None:
    assert BUILD.base.partition(" ")[0].endswith("slim-bookworm")
    assert FINAL.base == BUILD.base.partition(" ")[0]
    assert FINAL.all("RUN")[0].startswith("useradd --uid 10001")
    assert not any("pip" in line for line in FINAL.all("RUN"))


def test_it_installs_only_what_the_lock_names_by_hash() -> None:
    [install] = [line for line in BUILD.all("RUN") if "pip install" in line]
    assert "--require-hashes" in install
    assert "--requirement /build/requirements.lock" in install


def test_all_that_it_installs_is_audited_and_what_is_not_known_fails_it() -> None:
    _, audited = (ROOT / "Makefile").read_text().split("\naudit: python\n")
    command = audited.partition("\n\n")[0].splitlines()[-1].split()
    assert command[0].endswith("/pip-audit")
    assert {"--strict", "--require-hashes", "requirements.lock"} <= set(command)


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=lambda it: it.name)
def test_every_package_of_a_lock_has_its_version_and_hashes(lock: Path) -> None:
    whole = re.compile(r"[\w.-]+==[^ ]+ (; .+? )?( +--hash=sha256:[0-9a-f]{64})+")
    packages = lock.read_text().replace("\\\n", " ").splitlines()
    assert packages
    assert [package for package in packages if not whole.fullmatch(package)] == []


def test_it_runs_as_a_user_without_rights_with_its_data_in_a_volume() -> None:
    assert FINAL.all("USER") == ["bot"]
    assert FINAL.all("VOLUME") == ["/data"]
    assert FINAL.all("STOPSIGNAL") == ["SIGTERM"]
    [check] = FINAL.all("HEALTHCHECK")
    assert "/readyz" in check
    order = [word for word, _ in FINAL.lines]
    assert order.index("USER") > max(n for n, word in enumerate(order) if word in ("RUN", "COPY"))


def test_what_it_runs_is_compiled_once_and_not_at_every_start() -> None:
    lines = [f"{word} {text}" for word, text in FINAL.lines]
    compiled = lines.index("RUN python -m compileall -q /app")
    assert compiled > lines.index("COPY bot /app/bot")


def test_no_secret_and_nothing_of_the_owners_goes_into_it() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    assert not any(line.startswith("!") and (".env" in line or "data" in line) for line in ignored)
    text = (ROOT / "Dockerfile").read_text()
    assert not re.search(r"TOKEN|API_KEY", text)


def test_compose_takes_every_right_that_is_not_needed() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for right in (
        "read_only: true",
        "cap_drop: [ALL]",
        'security_opt: ["no-new-privileges:true"]',
        "init: true",
        'tmpfs: ["/tmp:noexec,nosuid,size=16m"]',
        "pids_limit: 200",
        "mem_limit: 512m",
        "stop_grace_period: 30s",
        'volumes: ["data:/data"]',
    ):
        assert f"\n    {right}\n" in text


def reason_not_to_run() -> str | None:
    if os.geteuid() != 0:
        return "only root can be several users"
    if shutil.which("bwrap") is None or shutil.which("setpriv") is None:
        return "bubblewrap or setpriv is not installed"
    if not (PYTHON / "bin/python").exists():
        return "this Python has no bin/python to put into the jail"
    return None


class Jail:
    """A root directory in which an image's lines are run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in (str(PYTHON).lstrip("/"), "usr", "proc", "dev", "tmp", "build", "app", "run"):
            (root / name).mkdir(parents=True, exist_ok=True)
        for name in ("bin", "sbin", "lib", "lib64"):
            (root / name).symlink_to(f"usr/{name}")
        shutil.copytree("/etc", root / "etc", symlinks=True)

    def copy(self, words: str) -> None:
        """Do what a COPY line says; what a stage gives another lies in the same root here."""
        *sources, target = [word for word in words.split() if not word.startswith("--")]
        if words.startswith("--from"):
            return
        for source in sources:
            there = self.root / target.lstrip("/")
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, there, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                there.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, there)

    def command(self, *command: str, writable: bool) -> list[str]:
        """Wrap a command: the root writable while building, read-only but for /data after."""
        bind = "--bind" if writable else "--ro-bind"
        words = ["bwrap", bind, str(self.root), "/", "--ro-bind", "/usr", "/usr"]
        words += ["--ro-bind", str(PYTHON), str(PYTHON), "--proc", "/proc", "--dev", "/dev"]
        words += ["--tmpfs", "/tmp", "--die-with-parent", "--unshare-pid"]  # noqa: S108
        if not writable:
            words += ["--bind", str(self.root / "data"), "/data", "--chdir", "/app"]
            words += ["setpriv", f"--reuid={USER_ID}", f"--regid={USER_ID}", "--clear-groups"]
            words += ["--bounding-set=-all", "--no-new-privs"]
        return [*words, *command]

    def run(self, line: str) -> None:
        """Run a RUN line as root."""
        env = {k: v for k, v in os.environ.items() if k.startswith(("PIP_CERT", "PIP_INDEX"))}
        env |= {"PIP_NO_COMPILE": "1"}  # the longest part of it
        env |= {"PATH": f"{PYTHON}/bin:/usr/sbin:/usr/bin", "HOME": "/build"}
        subprocess.run(
            self.command("sh", "-ec", line, writable=True), env=env, check=True, timeout=300
        )


@pytest.fixture
def jail(tmp_path: Path) -> Iterator[Jail]:
    """The image, built."""
    if reason := reason_not_to_run():
        pytest.skip(reason)
    jail = Jail(tmp_path / "root")
    for word, text in BUILD.lines + FINAL.lines:
        if word == "RUN":
            jail.run(text)
        elif word == "COPY":
            jail.copy(text)
    yield jail
    shutil.rmtree(jail.root)


def image_environment() -> dict[str, str]:
    env: dict[str, str] = {}
    for line in FINAL.all("ENV"):
        for name, value in re.findall(r"(\w+)=(\S+)", line):
            env[name] = value.replace("$PATH", "/usr/bin")
    return env


def quoted_words(line: str) -> list[str]:
    return re.findall(r'"([^"]+)"', line)


@pytest.mark.once
@pytest.mark.timeout(400)
async def test_its_command_answers_read_only_as_its_user_and_is_healthy(jail: Jail) -> None:
    assert (jail.root / "data").stat().st_uid == USER_ID
    async with DiscordServer() as discord, ChatServer() as chat:
        env = image_environment() | {
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
            "OPENAI_BASE_URL": chat.base_url,
            "OPENAI_API_KEY": chat.key,
        }
        [command] = FINAL.all("CMD")
        process = await asyncio.create_subprocess_exec(
            *jail.command(*quoted_words(command), writable=False), env=env, stderr=PIPE
        )
        try:
            await discord.wait_until_ready(60)
            ada = discord.member("Ada")
            question = ada.say(discord.general, f"{discord.mention} {GOLDEN}")
            [card] = await ada.answers(question, timeout_s=30)
            assert card.attachments
            await healthy(env)
        finally:
            process.terminate()
            _, errors = await process.communicate()
    assert (jail.root / "data/bot.db").stat().st_uid == USER_ID
    assert b"Traceback" not in errors


async def healthy(env: dict[str, str]) -> None:
    """Run the health check until it passes; it must within its start period."""
    [check] = FINAL.all("HEALTHCHECK")
    command = quoted_words(check.partition("CMD")[2])
    async with asyncio.timeout(60):
        while True:
            asked = await asyncio.create_subprocess_exec(
                sys.executable, *command[1:], stderr=PIPE, env=env
            )
            await asked.communicate()
            if asked.returncode == 0:
                return
