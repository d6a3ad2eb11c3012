"""What the API says no with: OpenAI's error objects, word for word where the words are known."""

from aiohttp import web

from bot.local.chat_server.bodies import json_response


class ApiRefusal(Exception):
    """A request that is refused; `respond` makes OpenAI's answer of it.

    Attributes:
        status: of HTTP.
        message: what is wrong.
        code: the same for programs.
        param: the parameter it is about.
        kind: OpenAI's `type`.
        about: the model that there is not, or empty.

    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        about: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.kind = kind
        self.about = about

    @property
    def fields(self) -> dict[str, str | None]:
        """What OpenAI's error object says."""
        return {
            "message": self.message, "type": self.kind, "param": self.param, "code": self.code,
        }  # fmt: skip

    def respond(self) -> web.Response:
        """Make the HTTP answer."""
        return json_response({"error": self.fields}, status=self.status)


def no_key() -> ApiRefusal:
    """No `Authorization: Bearer …` at all."""
    return ApiRefusal(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization "
        "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
    )


def wrong_key(key: str) -> ApiRefusal:
    """A key that is not ours; it is shown masked."""
    masked = f"{key[:3]}{'*' * 8}{key[-4:]}" if len(key) > 12 else "*" * 8
    return ApiRefusal(401, f"Incorrect API key provided: {masked}.", code="invalid_api_key")


def no_such_model(model: str) -> ApiRefusal:
    """Unknown, and retired models alike."""
    return ApiRefusal(
        404,
        f"The model `{model}` does not exist or you do not have access to it.",
        code="model_not_found",
        about=model,
    )


def audio_not_found(audio_id: str, place: int) -> ApiRefusal:
    """An audio id that never was, or is over."""
    return ApiRefusal(
        400,
        f"Assistant audio {audio_id} not found.",
        code="audio_not_found",
        param=f"content.messages[{place}].audio.id",
    )


def invalid_value(param: str, message: str) -> ApiRefusal:
    """A value that is not among the possible ones."""
    return ApiRefusal(400, message, code="invalid_value", param=param)


def quoted(values: tuple[str, ...]) -> str:
    """List values as the API does: `'a', 'b', and 'c'`."""
    shown = [f"'{value}'" for value in values]
    if len(shown) < 3:
        return " and ".join(shown)
    return f"{', '.join(shown[:-1])}, and {shown[-1]}"
