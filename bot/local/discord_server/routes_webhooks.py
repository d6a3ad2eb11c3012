"""Routes of interactions: their first answer, and their webhook for all that follows."""

from bot.local.discord_server import interactions, messages
from bot.local.discord_server.interactions import Callback
from bot.local.discord_server.message_payloads import message_json
from bot.local.discord_server.payloads import Json
from bot.local.discord_server.rest import NO_CONTENT, Reply, Request, Route
from bot.local.discord_server.state import Interaction, Message
from bot.local.discord_server.world import World

_SHOWN = frozenset({Callback.MESSAGE, Callback.UPDATE})
"""First answers whose message comes back; a message that is still loading does not."""

_ANSWERS = "/webhooks/{application_id}/{token}"


class WebhookRoutes:
    """What the bot may answer; the secret is in the path, not in a header."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """List them."""
        one = _ANSWERS + "/messages/{message_id}"
        callback = "/interactions/{interaction_id}/{token}/callback"
        return [
            Route("POST", callback, self.respond, public=True),
            Route("POST", _ANSWERS, self.follow_up, public=True),
            Route("GET", one, self.get_answer, public=True),
            Route("PATCH", one, self.edit_answer, public=True),
            Route("DELETE", one, self.delete_answer, public=True),
        ]

    def respond(self, request: Request) -> Reply:
        """Take the first answer."""
        token = request.params["token"]
        interaction = interactions.find(self._world, request.id("interaction_id"), token)
        message = interactions.respond(
            self._world, interaction, request.payload, request.body.parts
        )
        if request.query.get("with_response") not in {"1", "true"}:
            return NO_CONTENT
        return Reply(self._callback_json(interaction, message))

    def follow_up(self, request: Request) -> Reply:
        """Take a further message."""
        message = interactions.follow_up(
            self._world, self._interaction(request), request.payload, request.body.parts
        )
        waits = request.query.get("wait") in {"1", "true"}
        return Reply(self._shown(message)) if waits else NO_CONTENT

    def get_answer(self, request: Request) -> Reply:
        """Show an answer."""
        return Reply(self._shown(self._answer(request)))

    def edit_answer(self, request: Request) -> Reply:
        """Change an answer."""
        message = self._answer(request)
        interactions.edit(self._world, message, request.payload, request.body.parts)
        return Reply(self._shown(message))

    def delete_answer(self, request: Request) -> Reply:
        """Delete an answer."""
        message = self._answer(request)
        messages.delete(self._world, self._world.channel(message.channel_id), [message])
        self._world.changes.tell()
        return NO_CONTENT

    def _interaction(self, request: Request) -> Interaction:
        application_id = request.id("application_id")
        return interactions.find_answered(self._world, application_id, request.params["token"])

    def _answer(self, request: Request) -> Message:
        which = request.params["message_id"]
        return interactions.find_answer(self._world, self._interaction(request), which)

    def _shown(self, message: Message) -> Json:
        return message_json(self._world, message, reads_content=True)

    def _callback_json(self, interaction: Interaction, message: Message | None) -> Json:
        told: Json = {
            "id": str(interaction.id),
            "type": int(interaction.type),
            "channel_id": str(interaction.channel_id),
        }
        if message is None:
            return {"interaction": told}
        told |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.is_loading,
            "response_message_ephemeral": message.for_user_id is not None,
        }
        if interaction.callback not in _SHOWN:
            return {"interaction": told}
        resource = {"type": interaction.callback, "message": self._shown(message)}
        return {"interaction": told, "resource": resource}
