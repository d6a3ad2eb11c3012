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
_NO_CHROMIUM = "they need Chromium (apt-get install chromium, or CHROMIUM=its path)"
_TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI}`);
});"""


def chromium_path() -> str | None:
    """Find the browser: CHROMIUM, or what is on the search path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


def why_not() -> str | None:
    """Tell why these tests do not run; None when they do, or must (BROWSER_TESTS=required)."""
    wanted = os.environ.get("BROWSER_TESTS", "")
    if wanted == "off":
        return "switched off by BROWSER_TESTS=off"
    return None if wanted == "required" or chromium_path() else _NO_CHROMIUM


@asynccontextmanager
async def chromium(microphone: Path) -> AsyncIterator[Browser]:
    """Start the browser; its microphone plays the file once, anew whenever it is opened."""
    path = chromium_path() or pytest.fail(_NO_CHROMIUM)
    arguments = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop",
        "--autoplay-policy=user-gesture-required",
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
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
    try:
        yield context
    finally:
        await context.close()
