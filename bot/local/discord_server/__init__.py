"""A stand-in Discord that an unmodified discord.py connects to."""
