"""What a server says about a model."""

from dataclasses import dataclass
from datetime import date

import msgspec

from bot.chat_api.failures import failure
from bot.chat_api.transport import Response


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What the server says about the model. `shutdown_date` is None when it names no day."""

    id: str
    shutdown_date: date | None


class _Fields(msgspec.Struct):
    id: str = ""
    shutdown_date: str | None = None


def read_model_info(response: Response, asked: str) -> ModelInfo:
    """Read the description of the model that was asked about.

    Raises:
        ChatApiError: `answer_unreadable`.

    """
    try:
        fields = msgspec.json.decode(response.body, type=_Fields)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise failure(
            "answer_unreadable", status=response.status, request_id=response.request_id
        ) from error
    try:
        shutdown = date.fromisoformat(fields.shutdown_date or "")
    except ValueError:
        shutdown = None
    return ModelInfo(fields.id or asked, shutdown)
