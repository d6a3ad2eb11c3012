"""The JSON of a whole answer as our reply, forgiving what it can. Pure."""

from bot.chat_api.assembling import Answer, Expected, Said, assemble
from bot.chat_api.pieces import ChoicePieces
from bot.chat_api.wire import NUMBER, TEXT, USAGE, Choice, Message, is_null, read, read_body
from bot.domain.reply import SpokenReply


def decode(body: bytes, expected: Expected) -> SpokenReply:
    """Read an answer, forgiving whatever can be done without; errors as in `assemble`."""
    return assemble(parse(body), expected)


def parse(body: bytes) -> Answer | None:
    """Read what a response says, whatever it is; None when it says nothing that can be read."""
    found = read_body(body)
    if found is None:
        return None
    choices = [_said(c, c.message) for c in found.choices or [] if c.message]
    failed = not choices and not is_null(found.error)
    return Answer(
        choices,
        created=read(found.created, NUMBER),
        model=read(found.model, TEXT),
        usage=read(found.usage, USAGE),
        error=body if failed else None,
    )


def _said(choice: Choice, message: Message) -> Said:
    whole = ChoicePieces()
    whole.add(choice, message)
    return whole.said()
