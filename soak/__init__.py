"""Shows that the bot keeps its promises: faults by the thousand, counted.

    python -m soak                    all trials in full; writes RELIABILITY.md
    python -m soak NAME ... --seed 7  some of them; their lines of RELIABILITY.md are replaced
    python -m soak --short            as the tests run them; writes nothing

trial      what a trial is, and what comes of it
report     RELIABILITY.md, written line by line
media/     sound, whole, spoilt and hostile
fuzz/      parsers, and what they are fed with
trials/    the trials, one module each
stage      the bot between both stand-ins, and what became of each question
assigned   faults of the model's server for certain questions
questioning, api_rows      questions whose calls go wrong, and what has to come of them
rooming, discord_rows      the same of posts and of commands
proxy      a network that fails
disk_worker, disk_watch    a process that writes, and what it confirmed and stored
month, simulated, virtual  hours of talk at the ports of the services, on a clock that jumps
zygote, forks, processes   bots that can be killed: forked from one that has all loaded, or real
crowd, echo, fickle        members who ask, a model that answers each alone, a Discord that fails
ledger, deaths, ends       who asked what, what the dead left, and what may come of a question
canaries   the secrets of its bots, and finding them where they should not be
siege      one bot after the other between them
points, scenarios, breaking   every border of the bot, stories, and breaking one at the other
"""
