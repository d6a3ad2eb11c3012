"""Use cases: the only code that combines rules and outside things."""
