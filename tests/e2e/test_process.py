"""The command line: run, stop, check, demo, as whoever runs the bot meets them."""

import asyncio
import json
import os
import resource
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.web import Request, StreamResponse

from bot.audio import lock
from bot.local.chat_server import ChatServer, faults
from bot.local.discord_server import building
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from tests.e2e.world import GOLDEN, recording, seconds_of

ROOT = Path(__file__).parents[2]


def environment(discord: DiscordServer, chat: ChatServer, folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "ATTACHMENT_HOSTS": "127.0.0.1",
        "OPENAI_BASE_URL": chat.base_url,
        "OPENAI_API_KEY": chat.key,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db",
    }


async def command(*arguments: str, env: Mapping[str, str], cwd: Path = ROOT) -> Process:
    """Start `python -m bot …` as a process of its own."""
    paths = {"PYTHONPATH": str(ROOT)} if cwd != ROOT else {}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, env={**env, **paths}, cwd=cwd,
        stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip


@asynccontextmanager
async def running(env: Mapping[str, str], discord: DiscordServer) -> AsyncIterator[Process]:
    """The bot as a process, connected; killed in the end if it is still there."""
    process = await command("run", env=env)
    try:
        await discord.wait_until_ready(30)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_the_process_answers_and_sigterm_ends_it_in_order(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        async with running(environment(discord, chat, folder), discord) as process:
            ada = discord.member("Ada")
            chat.faults.next(faults.slow(0.5))
            question = ada.say(discord.general, f"{discord.mention} {GOLDEN}")
            await ada.sees_typing(discord.general)
            process.send_signal(signal.SIGTERM)
            [card] = await ada.answers(question, timeout_s=20)
            _, errors = await process.communicate()
        assert card.attachments
        assert process.returncode == 0
        assert b"invite link: https://discord.com/oauth2/authorize?" in errors
        assert b"permissions=70677981940800" in errors
        assert discord.token.encode() not in errors


async def test_a_second_sigterm_ends_it_at_once_and_loses_nothing(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        env = environment(discord, chat, folder)
        ada, held = discord.member("Ada"), faults.slow(60)
        async with running(env, discord) as process:
            chat.faults.next(held)
            question = ada.say(discord.general, f"{discord.mention} {GOLDEN}")
            await ada.sees_typing(discord.general)
            process.send_signal(signal.SIGTERM)
            while b"finished first" not in (line := await errors_of(process).readline()):
                assert line
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):  # instead of the 20 s that answers are given
                assert await process.wait() == 1
        async with running(env, discord):
            [card] = await ada.answers(question, timeout_s=20)
            assert card.attachments


def errors_of(process: Process) -> asyncio.StreamReader:
    assert process.stderr is not None
    return process.stderr


async def test_a_question_under_way_at_a_kill_is_answered_after_the_restart(
    folder: Path,
) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        env = environment(discord, chat, folder)
        ada, asked = discord.member("Ada"), asyncio.Event()

        async def never(_request: Request, _answer: faults.Answer) -> StreamResponse:
            asked.set()
            await asyncio.Event().wait()
            raise AssertionError("nobody sets that event")

        async with running(env, discord) as process:
            chat.faults.next(never)
            question = ada.say(discord.general, f"{discord.mention} {GOLDEN}")
            await asked.wait()
            process.kill()
            await process.communicate()
        async with running(env, discord):
            [card] = await ada.answers(question, timeout_s=20)
        assert card.attachments
        assert len(await ada.bot_messages(discord.general)) == 1


async def test_a_second_process_on_the_same_database_says_so_and_ends(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        env = environment(discord, chat, folder)
        async with running(env, discord) as first:
            for name in ("run", "migrate"):
                second = await command(name, env=env)
                _, errors = await second.communicate()
                assert second.returncode == 1
                [sentence] = errors.decode().splitlines()[-1:]
                assert sentence.startswith(f"Another bot (process {first.pid}) works with")
                assert b"Traceback" not in errors
            looking = await command("check", env=env)
            report, _ = await looking.communicate()
            assert b"the database opens" in report
            question = discord.member("Ada").say(discord.general, f"{discord.mention} {GOLDEN}")
            assert await discord.member("Ada").answers(question, timeout_s=20)


async def test_a_failing_disk_pauses_what_is_paid_for_and_heals_without_a_restart(
    folder: Path,
) -> None:
    async with (
        DiscordServer() as discord,
        ChatServer() as chat,
        running(environment(discord, chat, folder) | {"LOG_FORMAT": "json"}, discord) as process,
    ):
        ada, mention = discord.member("Ada"), f"{discord.mention} {GOLDEN}"
        await ada.answers(ada.say(discord.general, mention), timeout_s=20)
        let_write(process, 1)
        paid = len(chat.completions_seen)
        refusals = [await refusal(discord, ada) for _ in range(3)]
        # A write of the bot's own may have found it out before the first question did.
        assert "out of order" in refusals[0] or "take no questions" in refusals[0]
        assert "take no questions" in refusals[-1]
        assert len(chat.completions_seen) == paid
        let_write(process, resource.RLIM_INFINITY)
        async with asyncio.timeout(60):
            while "take no questions" in await refusal(discord, ada):
                pass
        process.send_signal(signal.SIGTERM)
        _, errors = await process.communicate()
    assert process.returncode == 0
    records = [json.loads(line) for line in errors.splitlines()]
    told = [record["message"] for record in records if record["logger"] == "bot.storage.outage"]
    assert len(told) == 2
    assert "no questions are taken" in told[0]
    assert "can be written again" in told[1]
    assert not any("error" in record for record in records)


def let_write(process: Process, most: int) -> None:
    """Have the system refuse what a process writes into files beyond so many bytes."""
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, hard))


async def refusal(discord: DiscordServer, member: MemberClient) -> str:
    """Ask, and give what comes back in words."""
    question = member.say(discord.general, f"{discord.mention} {GOLDEN}")
    [card] = await member.answers(question, timeout_s=20)
    return card.content


async def test_mistakes_in_the_settings_are_all_told_at_once() -> None:
    process = await command("run", env={"PATH": os.environ["PATH"], "MAX_INPUT_SECONDS": "x"})
    _, errors = await process.communicate()
    assert process.returncode == 1
    for name in (b"DISCORD_TOKEN", b"OPENAI_API_KEY", b"MAX_INPUT_SECONDS"):
        assert name in errors
    assert b"Traceback" not in errors


async def test_a_wrong_token_is_one_clear_sentence(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        env = environment(discord, chat, folder) | {"DISCORD_TOKEN": "a.b.c"}
        process = await command("run", env=env)
        _, errors = await process.communicate()
    assert process.returncode == 1
    assert b"Discord does not know this DISCORD_TOKEN" in errors
    assert b"Traceback" not in errors


async def test_check_finds_everything_in_order_and_gives_the_invite_link(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        process = await command("check", env=environment(discord, chat, folder))
        report, errors = await process.communicate()
    assert process.returncode == 0, errors
    assert b"FAIL" not in report
    for part in (b"database", b"gpt-audio-1.5", b"token", b"server Home", b"70677981940800"):
        assert part in report
    assert b"functions that the model may call: none (TOOLS)" in report
    assert f"the audio worker is locked by {', '.join(lock.offered())}".encode() in report
    for answer in (
        b"where only text comes back, gpt-4o-mini-tts speaks it",
        b"goes in the header Authorization, as Bearer and the key; a 401 means",
        b"formats that can be asked for: wav, mp3, flac, opus, aac, pcm16",
        b"voices: alloy, ash, ballad, cedar, coral",
    ):
        assert answer in report


async def test_check_names_what_came_after_a_retired_model(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        more = {"PROVIDER": "openai", "OPENAI_MODEL": "gpt-4o-audio-preview"}
        process = await command("check", env=environment(discord, chat, folder) | more)
        report, _ = await process.communicate()
    assert process.returncode == 1
    assert b"gpt-4o-audio-preview is retired: set OPENAI_MODEL=gpt-audio-1.5" in report


async def test_check_names_each_thing_that_is_wrong(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        role = building.bot_role(discord.world, discord.guild)
        role.permissions &= ~int(Permission.SEND_VOICE_MESSAGES)
        everyone = discord.guild.roles[discord.guild.id]
        everyone.permissions &= ~int(Permission.SEND_VOICE_MESSAGES)
        env = environment(discord, chat, folder) | {"OPENAI_API_KEY": "sk-wrong"}
        process = await command("check", env=env)
        report, _ = await process.communicate()
    assert process.returncode == 1
    assert report.count(b"FAIL") == 2
    assert b"Send Voice Messages" in report
    assert b"does not accept my key" in report
    assert b"127.0.0.1 does not accept OPENAI_API_KEY" in report
    assert b"sk-wrong" not in report


@pytest.mark.parametrize("suffix", ["ogg", "wav"])
async def test_the_demo_writes_the_spoken_answer(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"answer.{suffix}"
    status, printed, errors = await demo(tmp_path, "--say", GOLDEN, "--out", str(out))
    assert status == 0, errors
    assert b"golden retriever" in printed.lower()
    assert [line for line in errors.splitlines() if b"stood still" not in line] == []
    assert seconds_of(out.read_bytes()) > 2


async def test_the_demo_goes_on_from_the_answer_of_last_time(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "OPENAI_API_KEY": "sk-real", "DISCORD_TOKEN": "real"}
    note = tmp_path / "note.ogg"
    note.write_bytes(recording())
    tiny = ("demo", "--tiny", "--say")
    first = await command(*tiny, "My name is Ada.", env=env, cwd=tmp_path)
    assert await first.wait() == 0
    second = await command(*tiny, "What is my name?", "--reply", env=env, cwd=tmp_path)
    printed, _ = await second.communicate()
    assert b"Ada" in printed
    third = await command(
        "demo", "--send", str(note), "--reply", "--voice", "coral", env=env, cwd=tmp_path
    )
    printed, errors = await third.communicate()
    assert third.returncode == 0, errors
    assert b"coral" in printed


async def demo(folder: Path, *arguments: str) -> tuple[int | None, bytes, bytes]:
    """Run the demo in a folder; how it ended, what it printed, what it complained about."""
    env = {"PATH": os.environ["PATH"]}
    process = await command("demo", "--tiny", *arguments, env=env, cwd=folder)
    printed, errors = await process.communicate()
    return process.returncode, printed, errors


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--dm"], b"Say something"),
        (["--say", "  \n "], b"Say something"),
        (["--send", "nowhere.ogg"], b"There is no file nowhere.ogg."),
        (["--say", "x", "--reply"], b"no earlier answer"),
        (["--say", "x", "--out", "a.txt"], b"--out must end in one of"),
        (["--say", "x", "--out", "."], b"is a folder"),
        (["--say", "x", "--out", "note.txt/a.ogg"], b"cannot be made"),
        (["--say", "x", "--voice", "nobody"], b"There is no such voice."),
        (["--say", "x", "--voice", ""], b"There is no such voice."),
        (["--say", "x" * 2001, "--dm"], b"content: Must be 2000 or fewer"),
        (["--say", "x" * 2000], b"content: Must be 2000 or fewer"),
        (["--send", "note.txt"] * 11, b"attachments: Must be 10 or fewer"),
    ],
)  # fmt: skip
async def test_the_demo_refuses_what_it_cannot_do_in_one_sentence(
    tmp_path: Path, arguments: list[str], sentence: bytes
) -> None:
    (tmp_path / "note.txt").write_text("A note.")
    status, _, errors = await demo(tmp_path, *arguments)
    assert status == 1
    assert sentence in errors
    assert errors.count(b"\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_the_demo_finds_a_folder_without_write_permission_before_it_asks(
    tmp_path: Path,
) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    status, printed, errors = await demo(tmp_path, "--say", "x", "--out", "closed/a.ogg")
    assert (status, printed, errors) == (1, b"", b"closed/a.ogg may not be written.\n")


async def test_the_demo_gives_a_sound_of_another_kind_its_own_suffix(tmp_path: Path) -> None:
    status, printed, errors = await demo(tmp_path, "--say", GOLDEN, "--dm", "--out", "a.MP3")
    assert status == 0, errors
    assert b"a.ogg" in printed
    assert b"it came as .ogg, not as .MP3" in printed
    assert (tmp_path / "a.ogg").read_bytes().startswith(b"OggS")
    assert not (tmp_path / "a.MP3").exists()


async def test_the_demo_takes_a_suffix_in_capitals(tmp_path: Path) -> None:
    status, _, errors = await demo(tmp_path, "--say", GOLDEN, "--out", "a.WAV")
    assert status == 0, errors
    assert (tmp_path / "a.WAV").read_bytes().startswith(b"RIFF")


@pytest.mark.parametrize("damaged", [b"\xff", b'{"world": {}, "last_answer": 1}'])
async def test_the_demo_puts_a_damaged_world_aside_and_starts_anew(
    tmp_path: Path, damaged: bytes
) -> None:
    folder = tmp_path / "data" / "demo"
    folder.mkdir(parents=True)
    (folder / "world.json").write_bytes(damaged)
    status, _, errors = await demo(tmp_path, "--say", GOLDEN)
    assert status == 0, errors
    assert b"data/demo/world.json is damaged." in errors
    assert (folder / "world.damaged.json").read_bytes() == damaged
