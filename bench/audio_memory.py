"""What one job costs the bot and its worker in memory, told by a process that did nothing else.

`python -m bench.audio_memory in|out FILE` prints JSON. In a process that has worked before, freed
memory hides what a job takes.
"""

import asyncio
import json
import sys
from pathlib import Path

from bot.audio.service import AudioWorker
from bot.domain.reply import Sound

LIMIT_BYTES = 10 * 1024 * 1024 - 65_536
MB = 1 << 20

# A tenth of a second of noise in WAV, enough to start the worker.
_FIRST = bytes.fromhex("0010f0ef") * 1200


def peak_mb(pid: int | str) -> float:
    """The most memory a process ever had, or had since its mark was reset."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise LookupError("the kernel does not tell VmHWM")


def reset_peak() -> None:
    """Let VmHWM of this process begin anew."""
    Path("/proc/self/clear_refs").write_text("5")


async def measure(direction: str, data: bytes) -> dict[str, float]:
    async with AudioWorker() as worker:
        await worker.voice_clip(Sound(_FIRST, "pcm16"), limit_bytes=LIMIT_BYTES)
        assert worker.pid is not None
        worker_idle_mb = peak_mb(worker.pid)
        reset_peak()
        bot_idle_mb = peak_mb("self")
        if direction == "in":
            heard = await worker.model_input(data, max_seconds=700)
            made, seconds = heard.data, heard.seconds
        else:
            clip = await worker.voice_clip(Sound(data, "wav"), limit_bytes=LIMIT_BYTES)
            made, seconds = clip.data, clip.seconds
        return {
            "worker_mb": peak_mb(worker.pid) - worker_idle_mb,
            "bot_mb": peak_mb("self") - bot_idle_mb,
            "made_mb": len(made) / MB,
            "seconds": seconds,
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1], Path(sys.argv[2]).read_bytes()))))
