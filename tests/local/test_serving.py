"""`python -m bot serve-model` as its own process."""

import asyncio
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from openai import AsyncOpenAI

from bot.__main__ import main
from bot.local.chat_server import PRESETS


@asynccontextmanager
async def serving(*arguments: str) -> AsyncIterator[Process]:
    command = [sys.executable, "-m", "bot", "serve-model", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def said(process: Process, beginning: str) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        async for line in process.stdout:
            if line.decode().startswith(beginning):
                return line.decode().strip()
    raise AssertionError(f"it never said {beginning}")


async def test_it_prints_what_a_client_needs_serves_and_stops() -> None:
    async with serving("--port", "0", "--key", "sk-mine") as process:
        engines = await said(process, "hears: ")
        pair = dict(each.split("=", 1) for each in (await said(process, "OPENAI_")).split())
        async with AsyncOpenAI(
            api_key=pair["OPENAI_API_KEY"], base_url=pair["OPENAI_BASE_URL"], max_retries=0
        ) as client:
            completion = await client.chat.completions.create(
                model="gpt-audio-1.5",
                modalities=["text", "audio"],
                audio={"voice": "coral", "format": "wav"},
                messages=[{"role": "user", "content": "What is 6 times 7?"}],
            )
        process.send_signal(signal.SIGINT)
        await said(process, "Stopped.")
        assert await process.wait() == 0
    assert "speaks: " in engines
    assert (pair["OPENAI_API_KEY"], pair["PROVIDER"]) == ("sk-mine", "openai")
    audio = completion.choices[0].message.audio
    assert audio is not None
    assert audio.transcript == "That makes 42."


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org"])  # noqa: S104
def test_other_machines_are_not_served_without_a_key(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve-model", "--host", host]) == 1
    assert "choose a --key" in capsys.readouterr().err


def test_a_system_that_asks_for_no_key_is_served_on_this_machine_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["serve-model", "--host", "192.0.2.1", "--key", "x", "--preset", "speaches"]) == 1
    assert "speaches asks for no key" in capsys.readouterr().err


def test_an_unknown_preset_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve-model", "--preset", "nobody"]) == 1
    assert "There is no preset nobody. Choose one of: openai, azure" in capsys.readouterr().err


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_stands_in_the_help_and_in_the_manual(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["serve-model", "--help"])
    told = capsys.readouterr().out.replace("-\n", "-")
    assert re.search(rf"[ ,]{name}\b", " ".join(told.split()))
    manual = (Path(__file__).parents[2] / "README.md").read_text()
    assert f"\n| `{name}` |" in manual


async def test_a_preset_is_served_at_its_own_address() -> None:
    async with serving("--port", "0", "--preset", "openrouter") as process:
        pair = dict(each.split("=", 1) for each in (await said(process, "OPENAI_")).split())
        async with AsyncOpenAI(
            api_key=pair["OPENAI_API_KEY"], base_url=pair["OPENAI_BASE_URL"], max_retries=0
        ) as client:
            models = [model.id async for model in client.models.list()]
    assert pair["OPENAI_BASE_URL"].endswith("/api/v1")
    assert models == ["openai/gpt-audio", "openai/gpt-audio-mini"]


async def test_a_port_that_is_taken_is_one_sentence() -> None:
    taken = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    async with taken, serving("--port", str(port)) as process:
        _, complaint = await process.communicate()
    assert process.returncode == 1
    assert complaint.decode().startswith(f"127.0.0.1:{port} cannot be listened on: ")
