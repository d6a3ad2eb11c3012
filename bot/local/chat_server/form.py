"""Forms with files (`multipart/form-data`), taken apart: RFC 7578."""

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

_headers = BytesHeaderParser()


class NotAForm(Exception):
    """The body is no form."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `filename` is None where it is no file."""

    name: str
    data: bytes
    filename: str | None = None

    @property
    def text(self) -> str:
        """What was filled in."""
        return self.data.decode("utf-8", "replace")


def read_form(content_type: str, body: bytes) -> list[Field]:
    """Take a form apart, its fields in order.

    Raises:
        NotAForm: it is something else, or has no end.

    """
    kind = Message()
    kind["Content-Type"] = content_type
    boundary = kind.get_param("boundary")
    if kind.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise NotAForm("the body is not multipart/form-data with a boundary")
    _, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if not parts or not parts[-1].startswith(b"--"):
        raise NotAForm("the form has no end")
    return [_field(part) for part in parts[:-1]]


def _field(part: bytes) -> Field:
    head, gap, data = part.partition(b"\r\n\r\n")
    headers = _headers.parsebytes(head.removeprefix(b"\r\n"))
    name = headers.get_param("name", header="Content-Disposition")
    if not gap or not isinstance(name, str):
        raise NotAForm("a part of the form has no name")
    return Field(name, data, headers.get_filename())
