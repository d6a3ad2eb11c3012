"""The worker's owner: real processes, killed, late, cancelled, idle."""

import asyncio
import gc
import logging
import os
import signal
import sys
from pathlib import Path

import pytest

from bot.audio import lock, process, service
from bot.audio.encode import encode
from bot.audio.jobs import HearRecording
from bot.audio.process import WorkerDied, WorkerUnusable, start_worker
from bot.audio.service import AudioWorker
from bot.domain.reply import Sound
from bot.errors import AudioError
from bot.tasks import spawn
from soak.media.sounds import RECIPES, Recipe, likeness, make_file, speech

MIB = 1 << 20

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
filtered = pytest.mark.skipif("seccomp" not in lock.offered(), reason="no filter offered here")


async def refusal(worker: AudioWorker, data: bytes) -> AudioError:
    with pytest.raises(AudioError) as caught:
        await worker.model_input(data, max_seconds=120)
    return caught.value


async def pid_after_a_job(worker: AudioWorker) -> int:
    await worker.model_input(encode(speech(0.5), "opus"), max_seconds=120)
    assert worker.pid is not None
    return worker.pid


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def read_proc(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()


async def until_ended(pid: int) -> None:
    while is_running(pid):  # noqa: ASYNC110 - another process sets no event of ours
        await asyncio.sleep(0)


@pytest.mark.parametrize("name", RECIPES)
async def test_the_locked_worker_hears_every_container(worker: AudioWorker, name: str) -> None:
    original = speech(2)
    heard = await worker.model_input(make_file(RECIPES[name], original), max_seconds=120)
    assert heard.seconds == pytest.approx(2, abs=0.15)
    assert likeness(heard.data[44:], original) > 0.9


async def test_a_question_and_its_answer_use_one_process(worker: AudioWorker) -> None:
    first = await pid_after_a_job(worker)
    clip = await worker.voice_clip(Sound(encode(speech(2), "mp3"), "mp3"), limit_bytes=MIB)
    made = await worker.sound_file(Sound(clip.data, "opus"), wanted="mp3", limit_bytes=MIB)
    assert clip.seconds == pytest.approx(2, abs=0.1)
    assert len(clip.waveform) == 20
    assert made.extension == "mp3"
    assert made.seconds == pytest.approx(2, abs=0.1)
    assert worker.pid == first


async def test_sound_that_is_already_right_starts_no_process(worker: AudioWorker) -> None:
    data = encode(speech(1), "mp3")
    made = await worker.sound_file(Sound(data, "mp3"), wanted="mp3", limit_bytes=MIB)
    assert made.data is data
    assert worker.pid is None


async def test_no_bytes_are_refused_without_a_process(worker: AudioWorker) -> None:
    assert (await refusal(worker, b"")).code == "audio_empty"
    assert worker.pid is None


async def test_a_refused_clip_leaves_the_process_alive(worker: AudioWorker) -> None:
    first = await pid_after_a_job(worker)
    error = await refusal(worker, b"<html>")
    assert error.code == "audio_unsupported"
    assert "Please send MP3" in error.sentence
    assert await pid_after_a_job(worker) == first


async def test_an_mp3_that_turns_from_stereo_to_mono_does_not_kill_the_worker(
    worker: AudioWorker,
) -> None:
    first = await pid_after_a_job(worker)
    stereo = make_file(Recipe("libmp3lame", "mp3", 44_100, "stereo"), speech(1))
    mono = make_file(Recipe("libmp3lame", "mp3", 44_100, "mono"), speech(1))
    assert (await worker.model_input(stereo + mono, max_seconds=120)).seconds > 1.8
    assert worker.pid == first


async def test_a_worker_killed_in_the_middle_fails_only_its_clip(worker: AudioWorker) -> None:
    first = await pid_after_a_job(worker)
    long_job = spawn(refusal(worker, encode(speech(100), "flac")), name="long")
    waiting = spawn(pid_after_a_job(worker), name="waiting")
    await asyncio.sleep(0)
    os.kill(first, signal.SIGSEGV)
    assert (await long_job).code == "audio_worker_died"
    assert await waiting != first


async def test_a_worker_that_died_between_clips_is_not_noticed(worker: AudioWorker) -> None:
    first = await pid_after_a_job(worker)
    os.kill(first, signal.SIGKILL)
    while worker.pid is not None:  # noqa: ASYNC110 - the loop learns of it in its own time
        await asyncio.sleep(0)
    assert await pid_after_a_job(worker) != first


async def test_a_cancelled_job_kills_its_process(worker: AudioWorker) -> None:
    first = await pid_after_a_job(worker)
    job = spawn(worker.model_input(encode(speech(100), "flac"), max_seconds=120), name="job")
    await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert not is_running(first)
    assert await pid_after_a_job(worker) != first


async def test_a_job_that_takes_too_long_is_stopped_and_told() -> None:
    async with AudioWorker(job_timeout_s=0.001) as worker:
        error = await refusal(worker, encode(speech(100), "flac"))
        assert error.code == "audio_too_slow"
        assert worker.pid is None


async def test_more_clips_than_may_wait_are_turned_away() -> None:
    async with AudioWorker(waiting_at_most=1) as worker:
        jobs = [spawn(pid_after_a_job(worker), name="job") for _ in range(2)]
        await asyncio.sleep(0)
        assert (await refusal(worker, encode(speech(1), "opus"))).code == "audio_busy"
        assert len(set(await asyncio.gather(*jobs))) == 1
        await pid_after_a_job(worker)


async def test_an_idle_process_is_ended() -> None:
    async with AudioWorker(idle_s=0) as worker:
        pid = await pid_after_a_job(worker)
        await until_ended(pid)
        assert worker.pid is None
        assert await pid_after_a_job(worker) != pid


async def test_a_process_that_did_its_share_is_replaced() -> None:
    async with AudioWorker(jobs_per_process=1) as worker:
        await worker.model_input(encode(speech(0.5), "opus"), max_seconds=120)
        assert worker.pid is None


async def test_closing_ends_the_process_and_refuses_further_clips() -> None:
    worker = AudioWorker()
    pid = await pid_after_a_job(worker)
    job = spawn(refusal(worker, encode(speech(100), "flac")), name="job")
    await asyncio.sleep(0)
    await worker.close()
    assert (await job).code == "audio_worker_died"
    assert not is_running(pid)
    assert (await refusal(worker, encode(speech(1), "opus"))).code == "audio_busy"
    await worker.close()


async def test_closing_leaves_no_process_behind_whatever_was_under_way() -> None:
    worker = AudioWorker()
    jobs = [spawn(refusal(worker, encode(speech(1), "opus")), name="job") for _ in range(3)]
    await asyncio.sleep(0)
    closing = spawn(worker.close(), name="close")
    codes = {error.code for error in await asyncio.gather(*jobs)}
    await closing
    assert codes == {"audio_busy"}
    assert worker.pid is None


async def test_a_worker_that_cannot_start_is_told_to_the_owner(
    worker: AudioWorker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert (await refusal(worker, encode(speech(1), "opus"))).code == "audio_unavailable"
    assert "does not start: no process can be started: No such file" in caplog.text


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("raise SystemExit(1)", "it ended while starting"),
        ("import sys; sys.path.insert(0, sys.argv[1]); sys.modules['av'] = None;"
         "from bot.audio.worker import main; main()", "ModuleNotFoundError"),
        ("import sys; sys.stdout.write('H' * 100)", "it ended while starting"),
        ("import sys; sys.stdout.buffer.write(bytes([2, 0, 0, 0, 0, 0, 0, 0]) + b'{}')",
         "it ended while starting"),
    ],
)  # fmt: skip
async def test_a_worker_that_fails_at_its_start_says_why_in_the_log(
    worker: AudioWorker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    program: str,
    reason: str,
) -> None:
    monkeypatch.setattr(process, "_START", program)
    assert (await refusal(worker, encode(speech(1), "opus"))).code == "audio_unavailable"
    assert reason in caplog.text


async def test_limits_that_a_machine_does_not_offer_are_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    start = (
        "import sys; sys.path.insert(0, sys.argv[1]); from bot.audio import worker;"
        "from bot.audio.lock import Lock;"
        "worker.lock_process = lambda **_: Lock(('rlimits',), ('memory', 'root')); worker.main()"
    )
    monkeypatch.setattr(process, "_START", start)
    async with AudioWorker(jobs_per_process=1) as worker:
        with caplog.at_level(logging.WARNING, logger=service.__name__):
            for _ in range(2):
                await worker.model_input(encode(speech(0.5), "opus"), max_seconds=120)
    assert caplog.text.count("the audio worker keeps its rights to: memory, root") == 1
    assert caplog.text.count("audio worker: rlimits, and no more") == 1
    assert worker.layers == ("rlimits",)


async def test_how_well_the_worker_will_be_locked_is_told_at_the_start(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, logger=service.__name__):
        async with AudioWorker() as worker:
            assert f"audio worker: {', '.join(lock.offered())}" in caplog.text
            await pid_after_a_job(worker)
            assert worker.layers == lock.offered()
    assert "and no more" not in caplog.text


HOSTILE = (
    "import os, socket, sys; sys.path.insert(0, sys.argv[1]); os.environ['PATH'] = os.devnull;"
    "from bot.audio import desk, worker; do = desk._do;"
    "desk._do = lambda job, data: eval(data) if data[:3] == b'os.' or data[:6] == b'socket'"
    " else do(job, data); worker.main()"
)


@filtered
@pytest.mark.parametrize(
    "attempt",
    [
        b"os.open('/etc/passwd', 0)",
        b"socket.socket()",
        b"os.execv('/bin/sh', ['sh'])",
        b"os.kill(1, 0)",
        b"os.kill(os.getppid(), 15)",
    ],
)
async def test_a_clip_that_makes_the_decoder_ask_for_more_fails_alone(
    worker: AudioWorker, monkeypatch: pytest.MonkeyPatch, attempt: bytes
) -> None:
    monkeypatch.setattr(process, "_START", HOSTILE)
    first = await pid_after_a_job(worker)
    waiting = spawn(pid_after_a_job(worker), name="waiting")
    assert (await refusal(worker, attempt)).code == "audio_worker_died"
    await waiting
    assert await pid_after_a_job(worker) != first
    assert worker.starts == 2


@filtered
async def test_a_clip_that_makes_the_decoder_fork_gets_no_process(
    worker: AudioWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_START", HOSTILE)
    pid = await pid_after_a_job(worker)
    assert (await refusal(worker, b"os.fork()")).code in ("audio_corrupt", "audio_worker_died")
    assert await pid_after_a_job(worker) == pid or not is_running(pid)


@filtered
async def test_where_libraries_need_more_than_the_filter_allows_sound_is_made_without_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    start = (
        "import os, sys; sys.path.insert(0, sys.argv[1]); os.environ['PATH'] = os.devnull;"
        "from bot.audio import desk, worker; desk.try_out = os.uname; worker.main()"
    )
    monkeypatch.setattr(process, "_START", start)
    async with AudioWorker() as worker:
        await pid_after_a_job(worker)
        assert worker.layers == tuple(name for name in lock.offered() if name != "seccomp")
    assert "the audio worker keeps its rights to: system calls" in caplog.text


async def test_a_defect_is_logged_and_the_clip_called_broken(
    worker: AudioWorker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    start = (
        "import os, sys; sys.path.insert(0, sys.argv[1]); os.environ['PATH'] = os.devnull;"
        "from bot.audio import desk, worker;"
        "desk.warm_up = desk.try_out = int; desk._do = lambda job, data: 1 // 0; worker.main()"
    )
    monkeypatch.setattr(process, "_START", start)
    assert (await refusal(worker, encode(speech(1), "opus"))).code == "audio_corrupt"
    assert "could not do a HearRecording: ZeroDivisionError" in caplog.text


@linux
async def test_a_worker_holds_nothing_that_the_bot_left_open() -> None:
    read_end, write_end = os.pipe()
    for end in (read_end, write_end):
        os.set_inheritable(end, True)
    try:
        child = await start_worker()
        held = os.listdir(f"/proc/{child.pid}/fd")
        await child.kill()
    finally:
        os.close(read_end)
        os.close(write_end)
    assert {int(number) for number in held} == {0, 1, 2}


async def test_a_worker_that_reports_too_much_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = (
        "import sys; sys.path.insert(0, sys.argv[1]); from bot.audio import worker, jobs;"
        "worker._write(sys.stdout.buffer, jobs.Ready(()));"
        "sys.stdin.buffer.read(8); sys.stdout.buffer.write(b'\\xff' * 8)"
    )
    monkeypatch.setattr(process, "_START", start)
    child = await start_worker()
    with pytest.raises(WorkerDied):
        await child.run(HearRecording(1, False), b"data")
    await child.kill()


@linux
async def test_of_a_worker_that_is_killed_while_it_reports_nothing_stays_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = (
        "import sys; sys.path.insert(0, sys.argv[1]); from bot.audio import worker, jobs;"
        "worker._write(sys.stdout.buffer, jobs.Ready(()));"
        "[sys.stdout.buffer.write(bytes(2**20)) for _ in range(64)]"
    )
    monkeypatch.setattr(process, "_START", start)
    opened = list[int]()
    gc.disable()
    try:
        for _ in range(3):
            child = await start_worker()
            await asyncio.sleep(0.1)  # it fills what there is to be filled
            await child.kill()
            opened.append(len(os.listdir("/proc/self/fd")))
    finally:
        gc.enable()
    assert len(set(opened)) == 1


async def test_a_worker_that_reports_another_thing_than_was_asked_for_is_not_believed(
    worker: AudioWorker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    start = (
        "import sys; sys.path.insert(0, sys.argv[1]); from bot.audio import worker, jobs;"
        "import msgspec; out = sys.stdout.buffer; worker._write(out, jobs.Ready(()));"
        "worker._write(out, jobs.Made(msgspec.Raw(b'{\"seconds\": []}'))); sys.stdin.read()"
    )
    monkeypatch.setattr(process, "_START", start)
    assert (await refusal(worker, b"data")).code == "audio_worker_died"
    assert "the audio worker reported no ModelAudio" in caplog.text


@linux
async def test_the_process_knows_no_secret_and_none_of_our_libraries(
    worker: AudioWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    pid = await pid_after_a_job(worker)
    loaded = read_proc(pid, "maps")
    assert read_proc(pid, "environ") == ""
    assert "libavcodec" in loaded
    assert "aiohttp" not in loaded
    assert "sqlite" not in loaded


async def test_a_worker_that_does_not_start_is_not_usable_until_one_does(
    worker: AudioWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse() -> object:
        raise WorkerUnusable("no process can be started")

    assert (worker.is_usable, worker.starts, worker.jobs) == (True, 0, 0)
    with monkeypatch.context() as patch:
        patch.setattr(service, "start_worker", refuse)
        assert (await refusal(worker, b"x")).code == "audio_unavailable"
    assert not worker.is_usable
    await pid_after_a_job(worker)
    assert (worker.is_usable, worker.starts, worker.jobs) == (True, 2, 0)
    await worker.close()
    assert not worker.is_usable
