"""A stand-in Discord that an unmodified discord.py connects to.

    async with DiscordServer() as discord_server:
        # the bot gets discord_server.api_url, .gateway_url and .token
        await discord_server.wait_until_ready()
        alice = discord_server.member("Alice")
        question = alice.say(discord_server.general, f"{discord_server.mention} are you there?")
        [answer] = await alice.answers(to=question)
        alice.speak(discord_server.general, ogg_bytes, seconds=2.5, reply_to=answer)

server       DiscordServer: REST, gateway and files on one loopback port
member       MemberClient: what a person does (at once) and waits to see (awaited, never polled)
building     users, servers, roles, channels, overwrites, made at any time

world        all state with its clock and its listeners; `dump` and `load`
  state kinds permissions visibility mentions changes clock links
messages     posting; edits, threads, interactions beside it: the rules are here, not in routes
  drafts rules components rights references callbacks
  commands: command_rules options installs invocations
rest         token, limits, faults, records; routes_* translate between it and the rules
  bodies fields errors limits faults traffic payloads guild_payloads message_payloads
gateway      sessions, resume, close codes
  identify sessions connection events

What tests look at: `server.traffic.to("POST", "/channels/*/messages")`, `server.gateway.ops(2)`,
`world.state`, `visibility.pinged_users(message)`. What tests break: `server.faults.add("POST",
"/channels/*/messages", Reset(), afterwards=True)`; `server.gateway.close_all`, `cut_all`,
`ask_to_reconnect`, `invalidate`, `forget_sessions`, `repeat`, `silent`. What tests set: a
`clock` (with an `AdvancingClock` 3 seconds or 24 hours pass without waiting), `limits`
(`RateLimits(like_discord=True)`), `world.grant_message_content()`.

Refusals are Discord's own: status, code and body. A client is ready within milliseconds when it
is built with `guild_ready_timeout=0.01` and overrides `before_identify_hook`, in which the
library waits 5 seconds before it identifies for the second time.
"""
