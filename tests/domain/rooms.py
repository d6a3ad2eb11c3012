"""A room, a member, an owner's choices and two personas, for the tests of settings."""

from bot.domain.owner import Owner
from bot.domain.personas import Persona
from bot.domain.rooms import Room
from bot.domain.sampling import Sampling

ADA = 7
OWNER = Owner(
    voice="alloy",
    file_format="mp3",
    instructions="Be brief.",
    model="large",
    models=("large", "small", "tiny"),
    text_model="words",
    speech_model="voice",
    parameters=Sampling(),
    sampling=frozenset({"temperature", "seed"}),
    answer_tokens=500,
    persona_characters=100,
    personas=3,
)
PIRATE, MUSE = Persona("Pirate", "You sail.", "echo"), Persona("Muse", "You rhyme.")
ROOM = Room(channel_id=3, guild_id=1, thread_id=4, category_id=2)
