"""A person at the page: what they see, by its roles and names, and what they do."""

import re

from playwright.async_api import BrowserContext, Locator, Page, ViewportSize, expect

from tests.page.world import Demo

ANSWER_MS = 30_000
_BUBBLE = re.compile("^Voice message of ")
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}


class Visitor:
    """Somebody with the page open."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name=re.compile("^Message "))

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log", name="Messages")

    @property
    def messages(self) -> Locator:
        """All messages shown, the newest last."""
        return self.log.locator("[data-message-id]")

    def saying(self, text: str | re.Pattern[str]) -> Locator:
        """The message that says this."""
        return self.messages.filter(has_text=text)

    @property
    def answers(self) -> Locator:
        """What the bot has written."""
        head = self.page.get_by_role("heading", name=re.compile("APP$"))
        return self.messages.filter(has=head)

    @property
    def bubbles(self) -> Locator:
        """The players of voice messages."""
        return self.log.get_by_role("group", name=_BUBBLE)

    @property
    def spoken(self) -> Locator:
        """Voice messages."""
        return self.messages.filter(has=self.page.get_by_role("group", name=_BUBBLE))

    @property
    def alerts(self) -> Locator:
        return self.page.get_by_role("region", name="Notifications")

    # What they do.

    async def enter(self, channel: str) -> None:
        """Open a channel of the list."""
        await (
            self.page.get_by_role("navigation", name="Channels")
            .get_by_role("link", name=channel)
            .click()
        )
        await expect(self.composer).to_have_accessible_name(re.compile(f"^Message .{channel}"))

    async def open_dm(self) -> None:
        """Open the DM with the bot."""
        await self.page.get_by_role("button", name="Direct messages").click()
        await self.enter("voicebot")

    async def say(self, text: str) -> Locator:
        """Write a message and see it stand there."""
        await self.composer.fill(text)
        await self.page.get_by_role("button", name="Send", exact=True).click()
        written = self.saying(text).last
        await expect(written).to_be_visible()
        return await self.pinned(written)

    async def ask(self, text: str) -> Locator:
        """Mention the bot, and wait for the card that answers."""
        count = await self.cards.count()
        await self.say(f"@voicebot {text}")
        await expect(self.cards).to_have_count(count + 1, timeout=ANSWER_MS)
        return await self.pinned(self.cards.last)

    @property
    def cards(self) -> Locator:
        """Answers with a sound file."""
        return self.messages.filter(
            has=self.page.get_by_role("group", name=re.compile(r"^Sound .+\.mp3"))
        )

    async def pinned(self, message: Locator) -> Locator:
        """The same message, also when others follow it."""
        return self.log.locator(f'[data-message-id="{await id_of(message)}"]')

    async def use(self, message: Locator, tool: str) -> None:
        """Press a tool of a message's toolbar."""
        await message.hover()
        await message.get_by_role("button", name=tool, exact=True).click()

    async def become(self, name: str) -> None:
        """Switch to another person."""
        options = self.page.get_by_role("combobox", name="Who am I")
        label = await options.get_by_role("option", name=re.compile(f"^{name} ")).inner_text()
        await options.select_option(label=label)


async def id_of(message: Locator) -> str:
    """The id of the message in Discord."""
    found = await message.get_attribute("data-message-id")
    assert found is not None
    return found


async def arrive(context: BrowserContext, demo: Demo) -> Visitor:
    """Open the address that was printed, as the first of the demo's people."""
    page = await context.new_page()
    await page.goto(demo.page.url)
    visitor = Visitor(page)
    await expect(visitor.composer).to_be_visible()
    return visitor
