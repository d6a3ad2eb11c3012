"""Untrusted sound in, clean speech out; knows neither Discord nor the model's API.

formats wav ogg mp3     what the bytes are, by content only; pure
waveform                the picture of a voice message; pure
soundfiles              an answer's sound as a file, passed on where it is already right; pure
failures                every way a clip can fail, in words for the member
frames pyav             samples, and the PyAV versions we run on
decode mixdown          untrusted bytes into samples, behind an allow-list and caps
encode opus             samples into every format we send
speeds                  which speeds there are; pure
tempo                   faster or slower at the same pitch
recording               a member's clip tidied with pydub: silence, level
transcode               the three things we do with sound; runs only inside the worker
jobs                    what travels between the bot and its worker
worker desk             the process in which untrusted media is opened
lock seccomp landlock   what it gives up before
kernel                  the system calls that takes
process service         its owner in the bot
"""
