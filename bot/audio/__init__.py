"""Untrusted sound in, clean speech out; knows neither Discord nor the model's API.

formats wav ogg mp3   what the bytes are, by content only; pure
waveform              the picture of a voice message; pure
failures              every way a clip can fail, in words for the member
decode encode opus    PyAV, behind an allow-list and caps
recording             a member's clip tidied with pydub: silence, level
transcode             the three things we do with sound; runs only inside the worker
jobs                  what travels between bot and worker
worker lock           the process in which untrusted media is opened
process service       its owner in the bot
"""
