"""What the stand-in answers: rules, memory, summaries, and what it truly hears."""

import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from bot.local.chat_server.engines import Line
from bot.local.chat_server.hearing import describe, measure
from bot.local.chat_server.mind import RuleMind
from bot.local.chat_server.numerals import write_in_figures
from bot.local.chat_server.summary import summarise
from bot.local.chat_server.sums import work_out
from bot.local.espeak import Espeak


def answer(*texts: str, clips: tuple[bytes, ...] = ()) -> str:
    """Answer the last text; the ones before are a member's and the model's in turn."""
    *past, last = texts
    lines = [Line("member" if n % 2 == 0 else "model", text) for n, text in enumerate(past)]
    return RuleMind().answer([Line("system", "Be kind."), *lines, Line("member", last, clips)])


def sine(hz: float, seconds: float = 1.0, level: float = 0.3) -> bytes:
    samples = (
        round(32767 * level * math.sin(2 * math.pi * hz * n / 24_000))
        for n in range(round(24_000 * seconds))
    )
    return b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples)


# --- rules


def test_the_question_of_the_documents_gets_a_sensible_answer() -> None:
    said = answer("Is a golden retriever a good family dog?")
    assert said.startswith("Yes, a golden retriever is usually a very good family dog.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("What is 7 times six?", "That makes 42."),
        ("3 + 4 * (2 - 1)", "That makes 7."),
        ("ten divided by four please", "That makes 2.5."),
        ("what's -3 + 5", "That makes 2."),
        ("1/0", "Nothing can be divided by zero."),
        ("0.1 + 0.2", "That makes 0.3."),
        ("6 × 7", "That makes 42."),  # noqa: RUF001 - as people type
    ],
)
def test_sums_are_worked_out(text: str, said: str) -> None:
    assert answer(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "We met on 2026-11-21.",
        "Room 5",
        "9" * 50 + "*" + "9" * 50,
        "(1 + ",
        "a-1",
        "2 + + (",
        "1 2 + 3",
        "3 + 4.5.6",
        "(2)(3) + 1",
    ],
)
def test_what_is_no_sum_is_left_alone(text: str) -> None:
    assert work_out(text) is None


def test_a_power_cannot_stop_the_server() -> None:
    assert work_out("9**9**9**9") is None


def test_a_name_is_remembered_across_turns() -> None:
    told = answer("Hi, my name is ada.")
    assert told == "Nice to meet you, Ada."
    assert answer("Hi, my name is ada.", told, "What's my name?") == "Your name is Ada."
    assert answer("What is my name?") == "You have not told me your name yet."


def test_two_speakers_are_told_apart() -> None:
    conversation = ("[Ada] my name is Augusta", "Nice to meet you.", "[Bob] what is my name?")
    assert answer(*conversation) == "Your name is Bob."
    assert answer(*conversation, "Your name is Bob.", "[Ada] and what is my name?") == (
        "Your name is Augusta."
    )


def test_it_knows_what_was_said_before() -> None:
    assert answer("Hello", "Hello you!", "What did you say?") == "I said: Hello you!"
    assert answer("[Ada] Tell me.", "No.", "[Ada] What did I say?") == "You said: Tell me."
    assert answer("What did you just say?") == "I have not said anything yet."
    assert answer("What did I ask?") == "You have not said anything before."


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("Hello!", "Hello! I am the built-in practice model"),
        ("[Bob] good morning", "Hello, Bob!"),
        ("thank you", "You are welcome."),
        ("Goodbye", "Goodbye!"),
        ("[Ada] see you", "Goodbye, Ada!"),
    ],
)
def test_it_is_polite(text: str, beginning: str) -> None:
    assert answer(text).startswith(beginning)


def test_it_says_honestly_what_it_was_asked_and_what_it_is() -> None:
    said = answer("Who wrote Faust")
    assert said.startswith("I was asked: Who wrote Faust.")
    assert "practice model" in said
    assert "nothing that I can make out" in answer("")
    assert len(answer("word " * 1000)) < 400
    assert RuleMind().answer([Line("system", "Be kind.")]).startswith("I was asked nothing")


# --- text files

FILE = """The lighthouse of Norderney was built in 1874. It was the first electric light there.
My aunt likes tea. The lighthouse is fifty metres high, and its light reaches twenty miles.

Today the lighthouse and its light are a museum. Bring a coat."""


def test_a_text_file_is_summarised_in_its_own_sentences() -> None:
    said = answer(f"The file norderney.txt:\n~~~\n{FILE}\n~~~\n\nSummarise this aloud")

    assert said.startswith("Here is norderney.txt in short. The lighthouse of Norderney was built")
    assert "reaches twenty miles" in said
    assert "aunt" not in said
    assert len(said) < len(FILE)


def test_a_short_text_is_its_own_summary() -> None:
    assert summarise("# Title\n\nOne *bold* [link](https://a.example)") == "Title. One bold link."
    assert summarise("") == ""


def test_words_without_a_file_can_be_summarised_too() -> None:
    assert answer(f"Please summarize: {FILE}").startswith("In short: Please summarize")


def test_sentences_that_repeat_are_said_once() -> None:
    assert summarise("Tell me more. " * 20) == "Tell me more."


# --- sound


def test_a_tone_is_measured_truly() -> None:
    heard = measure(sine(220, seconds=2.0))
    assert heard.seconds == 2.0
    assert heard.pitch_hz == pytest.approx(220, rel=0.03)
    assert heard.loudness_dbfs == pytest.approx(20 * math.log10(0.3 / math.sqrt(2)), abs=0.2)


HEIGHTS = [(80, "very low"), (110, "rather low"), (150, "medium"), (200, "rather high"),
           (300, "very high")]  # fmt: skip


@pytest.mark.parametrize(("hz", "height"), HEIGHTS)
def test_the_height_of_a_voice_is_told(hz: float, height: str) -> None:
    assert f"a {height}" in describe(measure(sine(hz)))


LEVELS = [(0.9, "quite loud"), (0.2, "of ordinary loudness"), (0.07, "quite quiet"),
          (0.02, "very quiet")]  # fmt: skip


@pytest.mark.parametrize(("level", "loudness"), LEVELS)
def test_loudness_is_told(level: float, loudness: str) -> None:
    assert loudness in describe(measure(sine(200, level=level)))


def test_silence_is_called_silence() -> None:
    assert describe(measure(b"\0" * 48_000)) == "I heard 1.0 seconds of silence, or nearly so."
    assert "0.0 seconds of silence" in describe(measure(b""))


def test_a_click_has_no_pitch() -> None:
    click = b"\0" * 12_000 + b"\xff\x7f" * 20 + b"\0" * 12_000
    assert "without a clear pitch" in describe(measure(click))


def test_syllables_are_counted_roughly() -> None:
    bursts = (sine(150, 0.12) + b"\0" * 4_800) * 6
    assert measure(bursts).syllables_per_s == pytest.approx(6 / (len(bursts) / 48_000), rel=0.2)


def test_how_a_voice_sounds_is_what_was_measured() -> None:
    low, high = (Espeak().speak("Good evening to you all.", v) for v in ("onyx", "shimmer"))
    said_low = answer("How does this voice sound?", clips=(low,))
    said_high = answer("How does this voice sound?", clips=(high,))

    assert said_low.startswith(f"I heard {len(low) / 48_000:.1f} seconds of a very low voice")
    assert "very high voice" in said_high


def test_a_recording_without_words_is_described() -> None:
    assert "cannot make out words" in answer("", clips=(sine(150),))
    assert "cannot make out words" in answer("[Ada] (voice message)", clips=(sine(150),))


def test_a_recording_beside_another_question_does_not_hide_it() -> None:
    assert answer("What is 2 + 2?", clips=(sine(150),)) == "That makes 4."
    said = answer("Who wrote Faust?", clips=(sine(150),))
    assert "hertz" in said
    assert "With it I was told: Who wrote Faust?" in said


# --- numbers in words


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("twenty-five", "25"),
        ("two hundred and five", "205"),
        ("a hundred", "100"),
        ("three thousand two hundred and one", "3201"),
        ("seventeen", "17"),
        ("five six", "5 6"),
        ("five and six", "5 and 6"),
        ("twenty nineteen", "20 19"),
        ("someone often tends", "someone often tends"),
    ],
)
def test_number_words_become_figures(text: str, figures: str) -> None:
    assert write_in_figures(text) == figures


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("What is twenty-five plus seventeen?", "That makes 42."),
        ("how much is 7 x 6", "That makes 42."),
        ("What is 20 percent of fifty?", "That makes 10."),
        ("two hundred and five minus a hundred", "That makes 105."),
    ],
)
def test_spoken_sums_are_worked_out(text: str, said: str) -> None:
    assert answer(text) == said


# --- small talk


def mind_at(hour: int, minute: int, seed: int = 0) -> RuleMind:
    now = datetime(2026, 11, 21, hour, minute, tzinfo=UTC)
    return RuleMind(now=lambda: now, luck=random.Random(seed))


def ask(mind: RuleMind, text: str) -> str:
    return mind.answer([Line("member", text)])


@pytest.mark.parametrize(
    ("hour", "said"), [(0, "12:05 AM"), (9, "9:05 AM"), (12, "12:05 PM"), (23, "11:05 PM")]
)
def test_the_time_is_told(hour: int, said: str) -> None:
    assert ask(mind_at(hour, 5), "What time is it?") == f"It is {said}."
    assert ask(mind_at(hour, 5), "Tell me the time, please.") == f"It is {said}."


@pytest.mark.parametrize("text", ["What is the date?", "What day is it?", "what's today's date"])
def test_the_date_is_told(text: str) -> None:
    assert ask(mind_at(9, 5), text) == "Today is Saturday, November 21, 2026."


def test_coins_and_dice_fall_on_every_side() -> None:
    mind = mind_at(9, 5)
    assert {ask(mind, "Flip a coin.") for _ in range(50)} == {"Heads.", "Tails."}
    assert len({ask(mind, "Please roll the dice") for _ in range(100)}) == 6


def test_there_is_a_joke() -> None:
    assert len({ask(mind_at(9, 5, seed), "Tell me a joke!") for seed in range(20)}) > 1


def test_it_says_what_it_is_and_can() -> None:
    assert "practice model" in ask(mind_at(9, 5), "Who are you?")
    assert "sums" in ask(mind_at(9, 5), "What can you do?")
    assert "this machine" in ask(mind_at(9, 5), "How are you?")


def test_a_greeting_before_a_question_is_no_answer_to_it() -> None:
    assert ask(mind_at(9, 5), "Hello, can you tell me who wrote Faust?").startswith("I was asked")


# --- where no rule fits


class Thinker:
    def __init__(self, said: str | None) -> None:
        self.said = said
        self.heard: list[Line] = []

    def think(self, conversation: Sequence[Line]) -> str | None:
        self.heard = list(conversation)
        return self.said


def test_the_thinker_is_asked_only_where_no_rule_fits() -> None:
    thinker = Thinker("Goethe did.")
    mind = RuleMind(thinker)
    assert ask(mind, "What is 2 + 2?") == "That makes 4."
    assert thinker.heard == []
    assert ask(mind, "Who wrote Faust?") == "Goethe did."
    assert ask(RuleMind(Thinker(None)), "Who wrote Faust?").startswith("I was asked")


def test_the_thinker_is_told_the_words_alone_whoever_spoke_them() -> None:
    thinker = Thinker("Yes.")
    clip = b"\0\1" * 100
    said = [
        Line("member", "[Ada] (voice message, 3 s)", (clip,), ("I like trains.",)),
        Line("model", "Trains are nice."),
        Line("member", "[Bob] (voice message, 2 s)", (clip,), ("Who is right?",)),
    ]
    assert RuleMind(thinker).answer(said) == "Yes."
    assert [line.text for line in thinker.heard] == [
        "I like trains.",
        "Trains are nice.",
        "Who is right?",
    ]


def test_the_words_of_a_recording_are_answered_like_written_ones() -> None:
    clip = sine(150)
    line = Line("member", "[Ada] (voice message, 1 s)", (clip,), ("What is two plus two?",))
    assert RuleMind().answer([line]) == "That makes 4."
    sound = Line("member", "", (clip,), ("How does this voice sound?",))
    assert "hertz" in RuleMind().answer([sound])
    told = Line("member", "", (clip,), ("I heard that dogs can swim.",))
    assert RuleMind().answer([told]).startswith("I heard: I heard that dogs can swim.")
    said = Line("member", "What does this recording say?", (clip,), ("The train is late.",))
    assert RuleMind().answer([said]) == "I hear: The train is late."
    nothing = Line("member", "", (clip,), ("",))
    assert "no words in it" in RuleMind().answer([nothing])
