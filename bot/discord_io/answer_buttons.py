"""The buttons below answers."""

from collections.abc import Sequence

import discord

from bot.discord_io.components import ANSWER_LIFE, Components, unkept
from bot.domain.reply import Button, Offer
from bot.i18n import say
from bot.words import Sentence

_LABELS = {
    Offer.SPEAK: ("🔊", Sentence("Listen")),
    Offer.WORDS: ("📄", Sentence("Transcript")),
    Offer.HEARD: ("👂", Sentence("What I heard")),
}


def answer_view(
    components: Components, buttons: Sequence[Button], locale: str | None
) -> discord.ui.View | None:
    """Make the row of buttons below a message, in a language; None without any."""
    if not buttons:
        return None
    view = discord.ui.View(timeout=None)
    for button in buttons:
        emoji, label = _LABELS[button.offer]
        custom_id = components.sign(button.offer, button.turn_id, life=ANSWER_LIFE)
        view.add_item(discord.ui.Button(label=say(label, locale), emoji=emoji, custom_id=custom_id))
    return unkept(view)
