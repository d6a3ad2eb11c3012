"""The only place that builds things.

running    the bot until it is asked to stop
building   everything opened and put together; closed in reverse
models     the servers of models
rules      the owner's settings as the services want them
clock      the time of day
memory     what is loaded for good is left out of garbage collection
stalls     where the event loop stands still
"""

from bot.app.building import build
from bot.app.memory import freeze_loaded
from bot.app.models import open_chat, open_writer
from bot.app.running import run
from bot.storage.backup import back_up
from bot.storage.database import migrate

__all__ = ["back_up", "build", "freeze_loaded", "migrate", "open_chat", "open_writer", "run"]
