"""What is to be translated is found wherever it stands."""

from bot.i18n import MENU, NAME
from bot.i18n.extraction import words_in


def test_sentences_are_found_with_their_plurals() -> None:
    source = """
A = Sentence("The voice {voice}")
raise Refused("code", Sentence("Wait " "a moment, {who}.", who=Sentence("friend")))
Sentence("one day", "{count} days", count=days)
"""
    assert set(words_in(source)) == {
        ("The voice {voice}", None),
        ("Wait a moment, {who}.", None),
        ("friend", None),
        (("one day", "{count} days"), None),
    }


def test_commands_are_found_by_their_places_and_names_are_told_from_descriptions() -> None:
    source = """
VOICE = "A voice"
class Voices(commands.GroupCog, name="voice", description="My voice"):
    @app_commands.command(name="set", description="Choose")
    @app_commands.describe(speaker=VOICE)
    async def set(self, interaction, speaker: str) -> None: ...
app_commands.Command[Any, ..., None](name="preview", description="Hear", callback=play)
app_commands.ContextMenu(name="Read aloud", callback=read)
_menu("Transcript", write_down)
"""
    assert set(words_in(source)) == {
        ("voice", NAME), ("My voice", None), ("set", NAME), ("Choose", None),
        ("speaker", NAME), ("A voice", None), ("preview", NAME), ("Hear", None),
        ("Read aloud", MENU), ("Transcript", MENU),
    }  # fmt: skip


def test_text_that_nobody_reads_is_left_alone() -> None:
    assert list(words_in('log.info("ready as %s", me)\nx = Sentence(y)')) == []
