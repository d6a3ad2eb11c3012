"""Use cases: the only code that combines rules and outside things."""

from dataclasses import dataclass

from bot.services.alarms import Alarms
from bot.services.catching_up import CatchingUp
from bot.services.commanded import Commanded
from bot.services.doctor import Doctor
from bot.services.housekeeping import Housekeeping
from bot.services.incidents import Incidents
from bot.services.intake import Intake
from bot.services.locales import Locales
from bot.services.on_demand import OnDemand
from bot.services.personas import Personas
from bot.services.previews import Previews
from bot.services.publishing import Publishing
from bot.services.reading import Reading
from bot.services.replies import Replies
from bot.services.rooms import Rooms
from bot.services.session_starts import SessionStarts
from bot.services.shown_places import ShownPlaces
from bot.services.transcripts import Transcripts
from bot.services.turnstile import Turnstile


@dataclass(frozen=True, slots=True)
class Services:
    """What the cogs are given, built once in `bot.app`."""

    intake: Intake
    replies: Replies
    commanded: Commanded
    on_demand: OnDemand
    reading: Reading
    transcripts: Transcripts
    rooms: Rooms
    personas: Personas
    previews: Previews
    housekeeping: Housekeeping
    publishing: Publishing
    doctor: Doctor
    incidents: Incidents
    alarms: Alarms
    catching_up: CatchingUp
    locales: Locales
    session_starts: SessionStarts
    shown_places: ShownPlaces
    turnstile: Turnstile
