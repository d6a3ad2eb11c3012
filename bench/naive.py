"""What one would write first: a bot of discord.py and the openai package that stores nothing.

It forgets every conversation and answers twice what it is told twice. `python -m bench.naive` runs
it with the same environment as the bot.
"""

import asyncio
import base64
import io
import os

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionAudio


class NaiveBot(discord.Client):
    """Answers each mention with the transcript and the sound."""

    def __init__(self, openai: AsyncOpenAI) -> None:
        super().__init__(intents=discord.Intents.default())
        self._openai = openai

    async def on_message(self, message: discord.Message) -> None:
        if message.author.bot or self.user not in message.mentions:
            return
        question = message.content.replace(f"<@{self.user.id}>", "").strip()
        async with message.channel.typing():
            audio = await self._ask(question)
        sound = io.BytesIO(base64.b64decode(audio.data))
        file = discord.File(sound, "answer.mp3", description="The answer, spoken")
        await message.reply(audio.transcript, file=file, mention_author=False)

    async def _ask(self, question: str) -> ChatCompletionAudio:
        completion = await self._openai.chat.completions.create(
            model="gpt-audio-1.5",
            modalities=["text", "audio"],
            audio={"voice": "alloy", "format": "mp3"},
            messages=[
                {"role": "system", "content": "You are a voice assistant in a Discord chat."},
                {"role": "user", "content": question},
            ],
        )
        audio = completion.choices[0].message.audio
        if audio is None:
            raise ValueError("the answer has no sound")
        return audio


async def run(environment: dict[str, str]) -> None:
    Route.BASE = environment["DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(environment["DISCORD_GATEWAY_URL"])
    key, base_url = environment["OPENAI_API_KEY"], environment["OPENAI_BASE_URL"]
    async with AsyncOpenAI(api_key=key, base_url=base_url) as openai, NaiveBot(openai) as client:
        await client.start(environment["DISCORD_TOKEN"])


if __name__ == "__main__":
    asyncio.run(run(dict(os.environ)))
