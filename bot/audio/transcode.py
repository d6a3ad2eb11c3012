"""What we do with sound. Runs only inside the worker (and in the stand-in world and tests)."""

from bot.audio.decode import decode
from bot.audio.encode import encode

__all__ = ["decode", "encode"]
