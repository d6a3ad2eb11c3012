"""The worker's desk, in this process."""

import msgspec
import pytest

from bot.audio import desk, transcode
from bot.audio.encode import encode
from bot.audio.jobs import (
    Broke,
    Failed,
    HearRecording,
    Job,
    Made,
    MakeSoundFile,
    MakeVoiceClip,
    pack_job,
    pack_report,
    unpack_job,
    unpack_report,
)
from bot.domain.reply import ModelAudio, SoundFile, VoiceClip
from soak.media.sounds import speech

MIB = 1 << 20


@pytest.mark.parametrize(
    ("job", "kind"),
    [
        (HearRecording(10, only_wav=True), ModelAudio),
        (MakeVoiceClip("mp3", MIB), VoiceClip),
        (MakeSoundFile("mp3", "flac", MIB), SoundFile),
    ],
)
def test_a_job_and_its_report_survive_the_pipe(
    job: Job, kind: type[ModelAudio] | type[VoiceClip] | type[SoundFile]
) -> None:
    report, body = desk.answer(unpack_job(pack_job(job)), encode(speech(1), "mp3"))
    told = unpack_report(pack_report(report))
    assert isinstance(told, Made)
    made = msgspec.json.decode(told.fields, type=kind)
    assert made.data == b""
    assert made.seconds == pytest.approx(1, abs=0.1)
    assert len(body) > 1000


def test_a_bad_clip_is_reported_as_such() -> None:
    report, body = desk.answer(HearRecording(10, only_wav=False), b"<html>")
    assert isinstance(report, Failed)
    assert (report.code, body) == ("audio_unsupported", b"")


@pytest.mark.parametrize(
    ("error", "report"),
    [(MemoryError(), Failed), (UnicodeDecodeError("utf-8", b"", 0, 1, ""), Broke)],
)
def test_whatever_a_library_raises_becomes_a_report(
    monkeypatch: pytest.MonkeyPatch, error: Exception, report: type
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(transcode, "decode", fail)
    told, body = desk.answer(HearRecording(10, only_wav=False), b"anything")
    assert isinstance(told, report)
    assert body == b""


def test_warming_up_uses_every_format_without_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = []
    real = desk.answer

    def recording(job: Job, data: bytes) -> object:
        answers.append(real(job, data)[0])
        return answers[-1], b""

    monkeypatch.setattr(desk, "answer", recording)
    desk.warm_up()
    assert sum(isinstance(report, Made) for report in answers) == 11
    assert not any(isinstance(report, Broke) for report in answers)
