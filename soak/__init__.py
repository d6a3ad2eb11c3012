"""Shows that the bot keeps its promises: faults by the thousand, counted.

    python -m soak                    all trials in full; writes RELIABILITY.md
    python -m soak NAME ... --seed 7  some of them; their lines of RELIABILITY.md are replaced
    python -m soak --short            as the tests run them; writes nothing

trial      what a trial is, and what comes of it
report     RELIABILITY.md, written line by line
trials/    the trials, one module each
"""
