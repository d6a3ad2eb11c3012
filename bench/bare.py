"""The naive bot with bare aiohttp in place of the openai package: what that package costs.

It shares no code with `bench.naive`, so that nothing of openai's is loaded here.
"""

import base64
import io

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route


class BareBot(discord.Client):
    """Answers each mention with the transcript and the sound."""

    def __init__(self, session: aiohttp.ClientSession, environment: dict[str, str]) -> None:
        super().__init__(intents=discord.Intents.default())
        self._session = session
        self._url = f"{environment['OPENAI_BASE_URL']}/chat/completions"
        self._key = environment["OPENAI_API_KEY"]

    async def on_message(self, message: discord.Message) -> None:
        if message.author.bot or self.user not in message.mentions:
            return
        question = message.content.replace(f"<@{self.user.id}>", "").strip()
        async with message.channel.typing():
            audio = await self._ask(question)
        sound = io.BytesIO(base64.b64decode(audio["data"]))
        file = discord.File(sound, "answer.mp3", description="The answer, spoken")
        await message.reply(audio["transcript"], file=file, mention_author=False)

    async def _ask(self, question: str) -> dict[str, str]:
        body = {
            "model": "gpt-audio-1.5",
            "modalities": ["text", "audio"],
            "audio": {"voice": "alloy", "format": "mp3"},
            "messages": [
                {"role": "system", "content": "You are a voice assistant in a Discord chat."},
                {"role": "user", "content": question},
            ],
        }
        headers = {"Authorization": f"Bearer {self._key}"}
        async with self._session.post(self._url, json=body, headers=headers) as response:
            response.raise_for_status()
            answer = await response.json()
        audio: dict[str, str] = answer["choices"][0]["message"]["audio"]
        return audio


async def run(environment: dict[str, str]) -> None:
    Route.BASE = environment["DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(environment["DISCORD_GATEWAY_URL"])
    async with aiohttp.ClientSession() as session, BareBot(session, environment) as client:
        await client.start(environment["DISCORD_TOKEN"])
