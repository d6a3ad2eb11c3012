"""A stand-in completions API on loopback, with the shapes, quirks and errors of the real one.

    async with ChatServer() as server:
        server.base_url                     # http://127.0.0.1:PORT/v1, for any OpenAI client
        server.key                          # the key it accepts (`KEY` unless given)
        server.faults.next(faults.html_502, times=2)        # see `faults` for all of them
        server.speech_faults.next(...)      # the same for /v1/audio/speech
        server.transcription_faults.next(...)               # and for /v1/audio/transcriptions
        server.seen, server.completions_seen                # what came, oldest first
        server.memory.forget(audio_id)      # from now on `audio_not_found`
        ...

`ChatServer(preset="openrouter")` is another system than OpenAI (see `presets`), as strict as its
documents; what goes wrong on purpose comes in the shape of its fault all the same.
`ChatServer(canned="Yes.")` always says the same; `now=` is the clock that audio ids age
by; `models=` is what it offers; `ears=`, `mind=` and `voice=` take better engines (see `engines`),
such as those of `bot.local.speech`. Without them it speaks with eSpeak NG and hears no words.

server       HTTP: routes, what was seen; keys: who may call
presets      the systems that it can be, each as data
reading      requests, checked as strictly as the system does; refusals: its error objects
             asked, messages: their fields; tool_checks: functions and results
completions  from a request to the JSON of the answer; memory: audio ids and their hour
             written_forms: JSON, and how likely the words were
streaming    the same answer as server-sent events
offer        the models; kinds: what those refuse that only write, read aloud or write down
aloud        given words as sound: `/v1/audio/speech`
transcribing recordings as words: `/v1/audio/transcriptions`; form: forms with files
listening    the words of recordings, through ears
mind         what it says: the first rule that fits; question: what the rules look at
             small_talk, about_sound, sums, numerals, summary, hearing: what they know
calling      functions it may have called, and what it says of their results
speech       the words as sound, spoken once; sound: containers
faults       what goes wrong on purpose
engines      what a better mind or voice must be able to do
"""

from bot.local.chat_server import faults
from bot.local.chat_server.engines import Ears, Line, Mind, Thinker, Voice
from bot.local.chat_server.offer import OPENAI_MODELS
from bot.local.chat_server.presets import PRESETS, Preset
from bot.local.chat_server.server import KEY, ChatServer, Seen

__all__ = [
    "KEY",
    "OPENAI_MODELS",
    "PRESETS",
    "ChatServer",
    "Ears",
    "Line",
    "Mind",
    "Preset",
    "Seen",
    "Thinker",
    "Voice",
    "faults",
]
