"""The demo's page: a browser that looks like Discord, in front of the stand-in Discord.

    async with PageServer(discord_server.world) as page:
        page.url                    # http://127.0.0.1:PORT/?token=…, to be opened once
        ...

It is what a member's client is to Discord: it can do nothing but what a member may, by the rules
of `bot.local.discord_server`, and the bot does not know of it. Paths and payloads are Discord's
where Discord has them, below `/api/as/{user id}`: the page may be every person of the demo.

server        one loopback port: the member API, events, files, and the page itself
  guard         whom it answers: the token's cookie, our own address, our own origin
  api           the member API's frame; routes_* translate between it and the stand-in's rules
  sent          what a client sends as a message; used: of commands, menus and modals
  shown         messages, channels and servers as one member sees them; sight: what that is
  stream        events, as they happen
  files         attachments, in parts where asked; own_files: those the page is made of
scenery       the demo's people, servers and channels
keeping       the world on disk, between two starts
relay         between the bot and the model: passes everything on and writes it down
  exchanges     what is kept of a call, without sound and keys; event_streams: calls in pieces
  calls         the last calls on disk
  wire          the panel about an answer
static/       the page
"""

from bot.local.page.server import PageServer

__all__ = ["PageServer"]
