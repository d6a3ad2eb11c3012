"""`python -m tests.page.picture`: takes the manual's picture of the page, `docs/demo.png`.

Nothing in it is drawn: the page, the bot and both stand-ins run, and a microphone is spoken into.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, ViewportSize, expect

from tests.page.browser import Complaints, chromium, visit
from tests.page.spoken import spoken_wav
from tests.page.visitor import ANSWER_MS, Visitor, arrive
from tests.page.world import demonstrated

PICTURE = Path(__file__).parent.parent.parent / "docs" / "demo.png"
LARGEST_BYTES = 300_000
SCREEN: ViewportSize = {"width": 1280, "height": 800}
WRITTEN = "Is a golden retriever a good family dog?"
SPOKEN = "And what is twelve times twelve?"
SPOKEN_SHOWS = "0:03"


async def main() -> int:
    """Talk a little, and take the picture while an answer plays."""
    async with visitor() as you:
        card = await you.ask(WRITTEN)
        await you.become("Bo")
        await you.use(card, "Reply")
        await speak(you)
        answer = you.spoken.nth(1)
        await expect(you.answers).to_have_count(3, timeout=ANSWER_MS)
        await inspect(you, answer)
        await play(you.bubbles.nth(1))
        PICTURE.parent.mkdir(exist_ok=True)
        await you.page.screenshot(path=PICTURE)
    size = PICTURE.stat().st_size
    sys.stdout.write(f"{PICTURE}: {size} bytes\n")
    return int(size > LARGEST_BYTES)


@asynccontextmanager
async def visitor() -> AsyncIterator[Visitor]:
    """Somebody with the page open, in a world of their own."""
    complaints = Complaints()
    with tempfile.TemporaryDirectory() as folder:
        microphone = Path(folder) / "spoken.wav"
        microphone.write_bytes(spoken_wav(SPOKEN))
        async with (
            chromium(microphone) as browser,
            demonstrated(Path(folder)) as demo,
            visit(browser, complaints, viewport=SCREEN, color_scheme="light") as context,
        ):
            yield await arrive(context, demo)
    if complaints.unexpected:
        raise SystemExit("\n".join(complaints.unexpected))


async def speak(you: Visitor) -> None:
    """Send what is spoken into the microphone."""
    button = you.page.get_by_role("button", name="Record voice message")
    await button.click()
    await expect(you.page.get_by_role("timer", name="Recorded")).to_have_text(SPOKEN_SHOWS)
    await button.click()
    await expect(you.bubbles).to_have_count(2, timeout=ANSWER_MS)


async def inspect(you: Visitor, answer: Locator) -> None:
    """Open the panel about an answer."""
    await you.use(answer, "More")
    await you.page.get_by_role("menuitem", name="Inspect").click()
    wire = you.page.get_by_role("complementary", name="Wire")
    await wire.get_by_role("tab", name="Answer").click()
    await expect(wire).to_contain_text("transcript")
    await you.composer.hover()


async def play(bubble: Locator) -> None:
    """Let it play to about its middle."""
    await bubble.get_by_role("button", name="Play").press("Enter")
    await expect(bubble.get_by_role("slider", name="Seek")).to_have_attribute("aria-valuenow", "1")


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
