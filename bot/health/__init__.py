"""How the bot is doing, for whoever runs it: over HTTP, in words and in figures.

serving    /healthz, /readyz and /metrics
metrics    the figures, by name
metered    what is asked of models, files and sound, timed and counted on its way
watching   what is looked up when somebody asks: gateway, line, audio worker, costs
"""

from bot.health.metered import Meter
from bot.health.metrics import Metrics
from bot.health.serving import serve_health
from bot.health.watching import vitals_of

__all__ = ["Meter", "Metrics", "serve_health", "vitals_of"]
