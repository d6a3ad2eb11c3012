"""The browser of these tests: Debian's Chromium, hearing a person who speaks."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, WebError, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_WANTED = "BROWSER_TESTS"
_TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI}`);
});"""


def chromium_path() -> str:
    """Find the browser; without one skip the test, or fail where BROWSER_TESTS=required.

    BROWSER_TESTS=off skips in any case.
    """
    wanted = os.environ.get(_WANTED, "")
    if wanted == "off":
        pytest.skip("the browser tests are switched off (BROWSER_TESTS=off)")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path:
        return path
    reason = "the page's tests need Chromium (apt-get install chromium, or CHROMIUM=its path)"
    if wanted == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@asynccontextmanager
async def chromium(microphone: Path) -> AsyncIterator[Browser]:
    """Start the browser; its microphone plays the file once, anew whenever it is opened."""
    path = chromium_path()
    arguments = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop",
        "--autoplay-policy=user-gesture-required",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        await browser.close()


@dataclass
class Complaints:
    """What the browser found wrong with the page, save what a test expects."""

    expected: list[str] = field(default_factory=list)
    _seen: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> None:
        """Note errors of all its pages."""
        context.on("console", self._note_message)
        context.on("weberror", self._note_error)

    @property
    def unexpected(self) -> list[str]:
        return [each for each in self._seen if not any(part in each for part in self.expected)]

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._seen.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _note_error(self, error: WebError) -> None:
        self._seen.append(f"uncaught: {error.error}")


@asynccontextmanager
async def visit(
    browser: Browser,
    complaints: Complaints,
    **options: Any,  # noqa: ANN401 -- Playwright's
) -> AsyncIterator[BrowserContext]:
    """Open the browser of one person: own cookies, own permissions, all complaints noted."""
    context = await browser.new_context(**options)
    context.set_default_timeout(15_000)
    await context.add_init_script(_TELL_VIOLATIONS)
    complaints.listen(context)
    yield context
    await context.close()
