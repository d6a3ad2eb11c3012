"""What Discord refuses: status, code and body as its documents give them.

Source: https://docs.discord.com/developers/topics/opcodes-and-status-codes
"""

from typing import Any

REFUSALS: dict[int, tuple[int, str]] = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10014: (404, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    40094: (403, "This interaction has reached the maximum number of follow-up messages."),
    50001: (403, "Missing Access"),
    50003: (400, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    50159: (400, "Voice messages do not support additional content."),
    50160: (400, "Voice messages must have a single audio attachment."),
    50161: (400, "Voice messages must have supporting metadata."),
    50162: (400, "Voice messages cannot be edited."),
    50173: (403, "You cannot send voice messages in this channel."),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    160002: (403, "You cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    160005: (400, "Thread is locked"),
    160014: (403, "You cannot forward a message whose content you cannot read"),
}
"""JSON error code -> HTTP status and message."""


class ApiError(Exception):
    """A refusal of the API, ready to be written as a response.

    Attributes:
        errors: the tree of field errors of a 50035, or None.

    """

    def __init__(
        self, status: int, code: int, message: str, errors: dict[str, Any] | None = None
    ) -> None:
        super().__init__(f"{status} (error code: {code}): {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        """Write the error as Discord does."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        return body if self.errors is None else {**body, "errors": self.errors}


UNAUTHORIZED = (401, 0, "401: Unauthorized")
NOT_FOUND = (404, 0, "404: Not Found")


def refused(code: int) -> ApiError:
    """Make the refusal with this JSON error code."""
    status, message = REFUSALS[code]
    return ApiError(status, code, message)


def invalid_form(field: str, code: str, message: str) -> ApiError:
    """Make a 50035 for one field; `field` is dotted (`embeds.0.title`)."""
    tree: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
    for name in reversed(field.split(".")):
        tree = {name: tree}
    return ApiError(400, 50035, "Invalid Form Body", tree)


def too_long(field: str, most: int) -> ApiError:
    """Make the 50035 for a text or a list that is longer than allowed."""
    return invalid_form(field, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def bad_length(field: str, least: int, most: int) -> ApiError:
    """Make the 50035 for a text or a list whose length must lie between two bounds."""
    return invalid_form(
        field, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length."
    )


def unknown_reference() -> ApiError:
    """Make the 50035 for a reply to a message that does not exist any more."""
    return invalid_form("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
