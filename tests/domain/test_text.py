import re
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.text import MESSAGE_UNITS, NAME_CHARACTERS, safe_text, shown_name, split_message

HOSTILE = st.lists(
    st.sampled_from(
        [
            "`", "``", "```", "```py\n", "\\", "[", "]", "](", "(", ")", "<", ">", "<@", "<@&", "@",
            "@everyone", "@here", "<a", ":ab:", "1", "12>", "discord.gg/", "https://", "http:", "/",
            "evil.example", "a", " ", "\n", "\n\n", "**", "- ", ">", "\u202e", "\u200d", "\u200b",
            "\u0301", "é", "👩", "\ud800", "\x1b", "\r", "|", "_",
        ]
    ),
    max_size=40,
).map("".join)  # fmt: skip

PROSE = st.text(st.sampled_from("ab. \n!?。é👩`*"), max_size=300).map(
    lambda t: t.replace("```", "")
)
CODE = st.tuples(
    st.sampled_from(["", "py\n", "\n"]),
    st.text(st.sampled_from("xy =()\n👩"), min_size=1, max_size=300).filter(str.strip),
).map(lambda parts: f"```{''.join(parts)}```")
ANSWERS = st.lists(PROSE.map(lambda p: p.strip("`")) | CODE, max_size=6).map("\n".join)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def bare(text: str) -> str:
    return "".join(text.split())


def pages_say(pages: list[str], text: str) -> bool:
    """Whether pages hold the text in order, but for blanks and fences repeated at the cuts."""
    wanted, reached = bare(text), {0}
    for page in pages:
        inner = re.sub(r"\A```(?:[a-z]+\n)?", "", page)
        forms = {page, inner, page.removesuffix("```"), inner.removesuffix("```")}
        reached = {
            at + len(bare(form))
            for at in reached
            for form in forms
            if wanted.startswith(bare(form), at)
        }
    return len(wanted) in reached


# --- split_message ---------------------------------------------------------------------------


def test_a_short_text_is_one_message() -> None:
    assert split_message("Hello.\n\nHow are you?") == ["Hello.\n\nHow are you?"]


@pytest.mark.parametrize("text", ["", "   \n\n\t "])
def test_blank_text_gives_no_message(text: str) -> None:
    assert split_message(text) == []


def test_exactly_the_limit_is_one_message() -> None:
    assert split_message("a" * MESSAGE_UNITS) == ["a" * MESSAGE_UNITS]


def test_emoji_count_twice_as_discord_may_count_them() -> None:
    assert [units(page) for page in split_message("😀" * 1001)] == [2000, 2]


def test_paragraphs_are_preferred_to_lines_sentences_and_words() -> None:
    text = "One two. Three four.\nFive six seven eight nine.\n\nTen eleven. Twelve.\nThirteen"
    assert split_message(text, 70) == [
        "One two. Three four.\nFive six seven eight nine.",
        "Ten eleven. Twelve.\nThirteen",
    ]


def test_without_paragraphs_lines_are_preferred() -> None:
    lines = ["a b. c d" * 5, "e f. g h" * 5]
    assert split_message("\n".join(lines), 64) == lines


def test_within_a_long_line_sentences_are_preferred() -> None:
    first, second = "The first sentence is of a fair length.", "The second one is long as well."
    assert split_message(f"{first} {second}", 64) == [first, second]


def test_sentences_without_blanks_between_them_are_cut_at_their_end() -> None:
    first, second = "あ" * 40 + "。", "い" * 40 + "。"
    assert split_message(first + second, 64) == [first, second]


def test_a_long_sentence_is_cut_between_words() -> None:
    pages = split_message("word " * 40, 64)
    assert all(set(page.split()) == {"word"} for page in pages)


def test_an_early_paragraph_does_not_make_a_tiny_message() -> None:
    pages = split_message("Hi.\n\n" + "word " * 30, 100)
    assert len(pages[0]) > 50


def test_an_unbroken_run_is_cut_between_whole_characters() -> None:
    family = "👩\u200d👩\u200d👧"
    pages = split_message("a" * 60 + family * 10, 64)
    assert "".join(pages) == "a" * 60 + family * 10
    assert not any(page.startswith("\u200d") or page.endswith("\u200d") for page in pages)


def test_a_block_that_fits_into_one_message_is_not_cut() -> None:
    block = "```py\nfor x in y:\n    print(x)\n```"
    assert split_message(f"{'word ' * 10}\n{block}", 70) == [("word " * 10).rstrip(), block]


def test_a_long_block_is_closed_and_opened_again_with_its_language() -> None:
    lines = [f"line_{number} = {number}" for number in range(30)]
    pages = split_message("Look:\n```py\n" + "\n".join(lines) + "\n```\nDone.", 100)
    assert pages[0].startswith("Look:\n```py\n")
    assert all(page.startswith("```py\n") for page in pages[1:])
    assert all(page.count("```") == 2 for page in pages)
    assert pages[-1].endswith("```\nDone.")
    code = [line for page in pages for line in page.split("\n") if line.startswith("line_")]
    assert code == lines


def test_indentation_survives_a_cut_within_code() -> None:
    pages = split_message("```\n" + "    indented\n" * 20 + "```", 64)
    lines = [line for page in pages for line in page.strip("`\n").split("\n")]
    assert all(line == "    indented" for line in lines[1:])


def test_a_code_line_longer_than_a_message_is_cut_as_it_must_be() -> None:
    pages = split_message("```\n" + "x" * 300 + "\n```", 100)
    assert all(page.count("```") == 2 and units(page) <= 100 for page in pages)
    assert sum(page.count("x") for page in pages) == 300


def test_no_empty_block_is_left_when_the_cut_falls_before_the_closing_fence() -> None:
    for size in range(60, 100):
        pages = split_message("```\n" + "x" * size + "\n```\nend", 80)
        assert all(page.strip("`\n") for page in pages)


def test_a_very_long_word_begins_a_message_of_its_own() -> None:
    assert split_message("Hi " + "x" * 70, 64) == ["Hi", "x" * 64, "x" * 6]


def test_blanks_at_the_end_of_a_block_make_no_block_of_their_own() -> None:
    text = "```\nabc\n   \n" + " " * 200 + "\n```\nend"
    assert split_message(text, 64) == ["```\nabc\n   \n```", "end"]


def test_a_run_that_is_all_one_character_to_the_eye_is_cut_all_the_same() -> None:
    pages = split_message("a" + "\u0301" * 200, 64)
    assert "".join(pages) == "a" + "\u0301" * 200
    assert all(units(page) <= 64 for page in pages)


def test_an_unclosed_fence_is_ordinary_text() -> None:
    text = "```py\n" + "word " * 60
    assert pages_say(split_message(text, 100), text)


@given(ANSWERS, st.integers(64, 400))
def test_splitting_loses_nothing_and_keeps_the_limit_and_the_blocks(text: str, limit: int) -> None:
    pages = split_message(text, limit)
    assert all(page.strip() and units(page) <= limit for page in pages)
    assert pages_say(pages, text)
    if text.count("```") % 2 == 0:
        assert all(page.count("```") % 2 == 0 for page in pages)


@given(HOSTILE.map(lambda text: text.replace("\ud800", "")))
def test_hostile_text_is_split_without_loss_as_well(text: str) -> None:
    long = text * 5
    pages = split_message(long, 64)
    assert all(units(page) <= 64 for page in pages)
    left = "".join(pages)
    for character in set(bare(long)) - {"`"}:
        assert left.count(character) >= long.count(character)


# --- safe_text -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unsafe", "safe"),
    [
        ("[click](https://evil.example/x)", "[click] (https://evil.example/x)"),
        ("[click](<https://evil.example/x>)", "[click] (<https://evil.example/x>)"),
        ("[click]( \n https://evil.example 'x')", "[click] ( \n https://evil.example 'x')"),
        ("[a [b] c](HTTPS://evil.example)", "[a [b] c] (HTTPS://evil.example)"),
        ("[click](\\https://evil.example)", "[click] (\\https://evil.example)"),
        ("[click]\u200b(https://evil.example)", "[click] (https://evil.example)"),
        ("https://bank.example@evil.example/x", "https://evil.example/x"),
        ("<@123> <@!123> <@&123>", "< @123> < @!123> < @&123>"),
        ("<<@1>>", "<< @1>>"),
        ("@everyone and @here", "@ everyone and @ here"),
        ("Hi <:wave:123> <a:dance:456>", "Hi :wave: :dance:"),
        ("Join https://discord.gg/abc", "Join https://discord.gg /abc"),
        ("Join discord.com/invite/abc", "Join discord.com/invite /abc"),
        ("user\u202egnp.exe", "usergnp.exe"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("z\u0300\u0301\u0302\u0303\u0304\u0305", "z\u0300\u0301\u0302\u0303"),
        ("\ud83d", ""),
        ("  \u200b ", ""),
    ],
)
def test_unsafe_text_is_made_inert_and_stays_readable(unsafe: str, safe: str) -> None:
    assert safe_text(unsafe) == safe


@pytest.mark.parametrize(
    "text",
    [
        "A plain answer, with a list:\n- one\n- two",
        "**bold**, *italics*, ~~gone~~ and ||secret||",
        "See https://docs.example/page?a=1#b (and <https://other.example>).",
        "Write me at ada@example.org, at 5 < 6, or f[i](x).",
        "Use `[name](https://docs.example)` for links, `@everyone` for all.",
        "```md\n[name](https://docs.example) <@123> @everyone\n```",
        "👩\u200d💻 and می\u200cخواهم and ❤\ufe0f",  # noqa: RUF001 - Persian needs the joiner
    ],
)
def test_harmless_text_and_code_stay_as_they_are(text: str) -> None:
    assert safe_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "[a `b](https://evil.example) c`",
        "**a `b** [click](https://evil.example)`",
        "||a `b|| [click](https://evil.example)`",
        "> a `b\n[click](https://evil.example)`",
        "- a ```\n[click](https://evil.example)\n```",
        "# ```\n[click](https://evil.example)\n```",
        "\\`[click](https://evil.example)`",
        "``` `[click](https://evil.example)`",
        "```\n```\nx\n```\n[click](https://evil.example)\n```",
        "``a`[click](https://evil.example)`",
        "<https://a`>[click](https://evil.example)`",
        "`a\n[click](https://evil.example)`",
    ],
)
def test_what_only_looks_like_code_hides_no_link(text: str) -> None:
    assert "](https://evil" not in safe_text(text)


def test_bidi_characters_are_removed_within_code_too() -> None:
    assert safe_text("`a\u202eb`") == "`ab`"


@given(HOSTILE)
@example("<a<:ab:1>1>")
@example("é\u200d\u200dé")
def test_what_is_safe_stays_the_same_when_made_safe_again(text: str) -> None:
    once = safe_text(text)
    assert safe_text(once) == once
    once.encode()


@given(HOSTILE.map(lambda text: text.replace("`", "")))
def test_without_code_nothing_live_is_left(text: str) -> None:
    safe = safe_text(text)
    assert not re.search(r"<@[!&]?\d|@everyone|@here|\bdiscord\.gg/\w|\]\(\s*<?\s*https?:", safe)
    assert not re.search("[\u202e\u200b\x1b\r]", safe)


@given(HOSTILE.filter(lambda text: "//" not in text))
def test_making_text_safe_loses_no_words(text: str) -> None:
    plain = re.sub(r"<(a?):(\w+):\d+>", r":\2:", text)
    words = re.findall(r"evil\.example|everyone|here", plain)
    assert re.findall(r"evil\.example|everyone|here", safe_text(text)) == words


# --- shown_name ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada", "Ada"),
        ("  Ada \n\n Lovelace\t", "Ada Lovelace"),
        ("Ada] [System", "Ada) (System"),
        ("`x`", "'x'"),
        ("@everyone", "@ everyone"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("", "(no name)"),
        ("\u3164\u200b", "(no name)"),
        ("x" * 200, "x" * 79 + "…"),
        ("../../etc/passwd", "../../etc/passwd"),
    ],
)
def test_names_are_cleaned(name: str, shown: str) -> None:
    assert shown_name(name) == shown


@given(HOSTILE)
def test_a_shown_name_is_one_short_line_and_stays_the_same(name: str) -> None:
    shown = shown_name(name)
    assert shown.strip() == shown != ""
    assert not set(shown) & set("\n\r[]`\u202e")
    assert len(shown) <= 2 * NAME_CHARACTERS
    assert shown_name(shown) == shown


# --- cost ------------------------------------------------------------------------------------

LONG = [
    "](" * 50_000,
    "](" + " " * 100_000,
    "[" * 100_000,
    "`" * 100_000,
    "` `` " * 20_000,
    "```\n" * 25_000,
    "```a" * 25_000,
    "https://" + "a" * 100_000,
    "https://" * 12_500,
    "<a:" + "b" * 100_000,
    "\u0301" * 100_000,
    "\u200d" * 100_000,
    "." + '"' * 100_000,
    "\n" * 100_000,
    "\n" + " " * 100_000,
    "1" * 100_000,
    "\\" * 100_000,
    "👩\u200d" * 50_000,
]


def count_lines(work: Callable[[str], object], text: str) -> int:
    """Count the lines of our own code that run."""
    lines = 0

    def on_line(frame: FrameType, event: str, _: object) -> Any:  # noqa: ANN401 - as sys.settrace has it
        nonlocal lines
        lines += event == "line" and "domain/text.py" in frame.f_code.co_filename
        return on_line

    before = sys.gettrace()
    sys.settrace(on_line)
    try:
        work(text)
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize("work", [safe_text, shown_name, split_message])
@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_hostile_text_costs_in_proportion_to_its_length(
    work: Callable[[str], object], text: str
) -> None:
    """A pattern that backtracks would not come to an end here; loops are counted."""
    half = text[: len(text) // 2]
    assert count_lines(work, text) <= 2.5 * count_lines(work, half) + 500


@pytest.mark.parametrize("text", ["[a](ht<a:dance:456> b", "[a](h<:wave:123>//b.example/)"])
def test_an_emoji_of_another_server_makes_no_address_of_what_is_before_it(text: str) -> None:
    safe = safe_text(text)
    assert "](" not in safe
    assert safe_text(safe) == safe
