"""An answer that came in pieces (server-sent events), put together again.

Source: https://platform.openai.com/docs/api-reference/chat-streaming
"""

import base64
import json
from typing import Any

Json = dict[str, Any]


def whole(body: bytes) -> Json:
    """Make one completion of its pieces; of the sound all pieces in a row, base64 again.

    Raises:
        ValueError: a piece is no JSON object.

    """
    together: Json = {}
    message: Json = {"role": "assistant", "content": None}
    choice: Json = {"index": 0, "message": message, "finish_reason": None}
    sound = bytearray()
    for piece in _pieces(body):
        for name in ("id", "created", "model", "usage", "error"):
            if piece.get(name) is not None:
                together[name] = piece[name]
        for part in piece.get("choices") or ():
            choice["finish_reason"] = part.get("finish_reason") or choice["finish_reason"]
            _add(message, part.get("delta") or {}, sound)
    if sound:
        message["audio"]["data"] = base64.b64encode(sound).decode()
    return together | {"object": "chat.completion", "choices": [choice]}


def _pieces(body: bytes) -> list[Json]:
    lines = body.decode("utf-8", "replace").splitlines()
    told = [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]
    pieces = [json.loads(text) for text in told if text and text != "[DONE]"]
    if not all(isinstance(piece, dict) for piece in pieces):
        raise ValueError("a piece is no JSON object")
    return pieces


def _add(message: Json, delta: Json, sound: bytearray) -> None:
    if isinstance(words := delta.get("content"), str):
        message["content"] = (message["content"] or "") + words
    audio = delta.get("audio")
    if not isinstance(audio, dict):
        return
    kept = message.setdefault("audio", {})
    for name in ("id", "expires_at"):
        if audio.get(name) is not None:
            kept[name] = audio[name]
    kept["transcript"] = kept.get("transcript", "") + (audio.get("transcript") or "")
    sound += base64.b64decode(audio.get("data") or "")
