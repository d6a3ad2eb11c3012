"""A stand-in Discord that an unmodified discord.py connects to.

    async with DiscordServer() as discord_server:
        # the bot gets discord_server.api_url, .gateway_url and .token
        await discord_server.wait_until_ready()
        alice = discord_server.member("Alice")
        question = alice.say(discord_server.general, f"{discord_server.mention} are you there?")
        [answer] = await alice.answers(to=question)
        alice.speak(discord_server.general, ogg_bytes, seconds=2.5, reply_to=answer)

server        DiscordServer: one loopback port, everything hangs on it
member        MemberClient: what a person does (at once, no await) and waits for (await)
building      users, servers, roles, channels, overwrites, made at any time
world state   all there is, `dump` and `load`; who may do what; who is told
traffic       every REST call as a value: `server.traffic.to("POST", "/channels/*/messages")`
faults        `server.faults.add("POST", "/channels/*/messages", Reset(), afterwards=True)`
limits        rate limits; `RateLimits(like_discord=True)` for the real figures
gateway       sessions, resume, and its faults: close_all, cut_all, ask_to_reconnect, invalidate,
              forget_sessions, repeat, silent

The server has a clock of its own: give it an `AdvancingClock`, and 3 seconds or 24 hours pass
without waiting. Refusals are Discord's own: status, code and body.
"""
