"""What can go wrong, in words a member may read.

BotError                  expected: its text goes to the member, its code to the log
|- Refused                we will not do this: bad input, missing right, too long, ...
|  `- TooOften             more than one member, or one server, may ask
|- AudioError             a clip that cannot be heard, or a sound that cannot be made
|- ChatApiError           the model's server refused, failed, or sent nonsense
|  |- AudioGone           it no longer knows an audio id that we sent
|  |- FormatRefused       it does not read the container of a clip that we sent
|  |- SpeechUnavailable   it cannot speak given words: the model that answers may do
|  `- TranscriptionUnavailable   it writes no recordings down: the model that answers may do
|- AttachmentError        a file of a member that could not be fetched
|- DatabaseError          the database cannot be opened, read or written
|- DeliveryError          Discord does not take the answer
|  |- Unreachable         Discord was not to be had: what was sent may stand
|  |- SourceGone          the question was deleted meanwhile: nobody waits for an answer
|  |- PartGone            a message of ours stood, and was deleted before we knew of it
|  |- NoAccess            we may not write there
|  |- VoiceForbidden      no voice messages in that room: an ordinary file may do
|  |- FilesForbidden      no files in that room: only words
|  `- TooLarge            the sound is over the limit: a smaller one may do
`- StartError            the bot cannot run; the sentence is for whoever runs it
   |- DiscordDown         it may in a while: Discord is out of reach, or lets nobody in
   `- IntentRefused       it can, without the content of messages that do not address it

Everything else is a defect of ours: it is logged with an incident id, and the member is told
that id.
"""

from bot.words import Sentence


class BotError(Exception):
    """An expected failure.

    Attributes:
        code: stable, snake_case, for logs, statistics and tests.
        sentence: one or two sentences for the member; never upstream text, never a secret.

    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


class Refused(BotError):
    """A rule of ours says no, before anything was paid."""


class TooOften(Refused):
    """More than one member, or one server, may ask; the sentence says when to ask again."""


class AudioError(BotError):
    """A clip that cannot be heard, or a sound that cannot be made."""


class ChatApiError(BotError):
    """The model's server refused, failed, or answered with nonsense.

    Attributes:
        status: the HTTP status, or None when none came.
        request_id: the server's `x-request-id`, for its operator, or None.
        remedy: what whoever runs us can do about it, or None.

    """

    def __init__(
        self, code: str, sentence: str, *, status: int | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(code, sentence)
        self.status = status
        self.request_id = request_id
        self.remedy: str | None = None


class AudioGone(ChatApiError):
    """The server does not know an audio id of the history any more (`audio_not_found`).

    Attributes:
        audio_id: the id it named, or None when it did not say which.

    """

    def __init__(
        self, audio_id: str | None, *, status: int | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(
            "audio_not_found",
            Sentence("The model no longer remembers its earlier speech. Please ask again."),
            status=status,
            request_id=request_id,
        )
        self.audio_id = audio_id


class FormatRefused(ChatApiError):
    """The server does not read the container of a clip that we sent; WAV may still work."""


class SpeechUnavailable(ChatApiError):
    """The server has no endpoint or model that speaks given words word for word."""

    def __init__(self, *, status: int | None = None, request_id: str | None = None) -> None:
        super().__init__(
            "speech_unavailable",
            Sentence("The model's server cannot read words aloud as they are."),
            status=status,
            request_id=request_id,
        )


class TranscriptionUnavailable(ChatApiError):
    """The server has no endpoint or model that writes recordings down."""

    def __init__(self, *, status: int | None = None, request_id: str | None = None) -> None:
        super().__init__(
            "transcription_unavailable",
            Sentence("The model's server cannot write recordings down."),
            status=status,
            request_id=request_id,
        )


class AttachmentError(BotError):
    """A member's file that could not be fetched."""


class DatabaseError(BotError):
    """The database cannot be opened, read or written; at start its sentence is for the owner."""


class DeliveryError(BotError):
    """Discord does not take the answer."""


class Unreachable(DeliveryError):
    """Discord was not to be had; whether what was sent stands is open."""


class SourceGone(DeliveryError):
    """The question was deleted before the answer came."""


class PartGone(DeliveryError):
    """A message of ours stood, and somebody deleted it before we knew: it is not posted again."""


class NoAccess(DeliveryError):
    """We may not write in that room."""


class VoiceForbidden(DeliveryError):
    """Voice messages are not allowed in that room (Discord's 50173)."""


class FilesForbidden(DeliveryError):
    """We may not attach files in that room."""


class TooLarge(DeliveryError):
    """Discord does not take so large a file there."""


class StartError(BotError):
    """The bot cannot run as it was set up; the sentence tells its operator what to mend."""


class DiscordDown(StartError):
    """Discord is out of reach, or lets nobody in just now."""


class IntentRefused(StartError):
    """Discord refused the Message Content intent; without it the bot can run."""
