"""The voice-reply bot, floor by floor: each floor imports only floors below it.

floor 4   cogs/                     what members touch: listeners, slash commands
floor 3   __main__                  the command line
          local/                    Discord and the model on one machine, for trying out and tests
          check                     `python -m bot check`: what works and what is missing
          app                       the only place that builds things, and closes them
          health/ settings/ log     around the process: health and metrics, settings, log format
          client                    the Discord client: intents, cogs, commands, the last net
floor 2   services/                 use cases: the only code that combines rules and outside things
floor 1   storage/                  all SQL
          chat_api/                 the model's HTTP API
          audio/                    untrusted sound in, clean speech out
          discord_io/               Discord objects <-> our values
floor 0   domain/                   values and rules: no await, no clock, no library
          i18n/                     catalogues of translations, and the choice of a language
          errors tasks              the error tree; tasks that never fail unseen
          loops deadlines           the event loop; the time that an answer has
          words children            sentences that can be translated; processes that are started
"""

__version__ = "0.1.0"
