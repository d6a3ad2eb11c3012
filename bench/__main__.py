"""`python -m bench`: run every bench, each in a process of its own; 1 when one is over a bound."""

import subprocess
import sys

BENCHES = ("chat_api", "stream", "history", "rooms", "audio", "answers", "speech")


def run(name: str) -> bool:
    """Run one bench, and tell whether it kept to its bounds."""
    print(f"\n== {name}", flush=True)
    return subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode == 0


def main() -> int:
    failed = [name for name in BENCHES if not run(name)]
    if failed:
        print(f"\nover a bound: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
