"""Discord's markdown in the page: what each mark becomes, and that data never becomes markup."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.page.browser import Complaints, visit
from tests.page.modules import empty_page

ADA, ROLE, ROOM = "100000000000000001", "100000000000000002", "100000000000000003"


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, complaints: Complaints) -> AsyncIterator[Page]:
    async with visit(browser, complaints) as context:
        yield await empty_page(context)


async def shown(page: Page, text: str) -> str:
    """The elements a text becomes, without their attributes."""
    written: str = await page.evaluate(_RENDERED, text)
    return written


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("**a** *b* _c_ __d__ ~~e~~", "<strong>a</strong> <em>b</em> <em>c</em> <u>d</u> <s>e</s>"),
        ("***a***", "<strong><em>a</em></strong>"),
        ("*a **b** c*", "<em>a <strong>b</strong> c</em>"),
        ("snake_case_name, 2 * 3 * 4", "snake_case_name, 2 * 3 * 4"),
        ("**unclosed and `open", "**unclosed and `open"),
        (r"\*plain\*", "*plain*"),
        ("`**a**`", "<code>**a**</code>"),
        ("```py\n**a**\n```", "<pre><code>**a**</code></pre>"),
        ("# A\n-# b", "<h4>A</h4><div>b</div>"),
        ("> a\n> b\nc", "<blockquote>a<br>b</blockquote>c"),
        (">>> a\nb", "<blockquote>a<br>b</blockquote>"),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        (f"<@{ADA}> <@&{ROLE}>", "<span>@Ada</span> <span>@band</span>"),
        (f"<#{ROOM}>", "<a>#general</a>"),
        ("see https://example.org/a_(b)).", "see <a>https://example.org/a_(b)</a>)."),
    ],
)
async def test_marks_become_elements(page: Page, text: str, elements: str) -> None:
    assert await shown(page, text) == elements


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "[a](javascript:alert(1))",
        "[a](data:text/html,hello)",
        "<javascript:alert(1)>",
    ],
)
async def test_data_never_becomes_markup(page: Page, text: str) -> None:
    escaped = text.replace("<", "&lt;").replace(">", "&gt;")
    assert await shown(page, text) == escaped


async def test_a_masked_link_tells_where_it_leads(page: Page) -> None:
    written = await shown(page, "[our docs](https://example.org/a)")
    assert written == "<span><a>our docs</a> <span>(example.org)</span></span>"
    lying = await shown(page, "[https://bank.example](https://example.org)")
    assert "<a>https://bank.example" not in lying


async def test_a_text_made_to_be_slow_is_read_at_once(page: Page) -> None:
    for piece in ("*a ", "[", "||a", "_a*b", "> ", ">", "* ", "*", "``", "[a](", "**", "~~a", "\\"):
        taken_ms = await page.evaluate(_TIMED, (piece * 2000)[:2000])
        assert taken_ms < 1000, piece


_RENDERED = f"""async (text) => {{
  const {{ render }} = await import("/js/markdown/render.js");
  const holder = document.createElement("div");
  const names = {{
    me: "", user: (id) => ({{ "{ADA}": "Ada" }})[id], role: (id) => ({{ "{ROLE}": "band" }})[id],
    channel: (id) => id === "{ROOM}" ? {{ name: "#general", address: "#/1/2" }} : undefined,
  }};
  holder.append(...render(text, names));
  for (const each of holder.querySelectorAll("*"))
    for (const name of each.getAttributeNames()) each.removeAttribute(name);
  return holder.innerHTML;
}}"""
_TIMED = """async (text) => {
  const { parse } = await import("/js/markdown/parse.js");
  const begun = performance.now();
  parse(text);
  return performance.now() - begun;
}"""
