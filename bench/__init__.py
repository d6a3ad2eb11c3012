"""The figures: each bench prints what it measured beside its bound; `python -m bench` runs all."""
