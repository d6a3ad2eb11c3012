"""A stand-in completions API with audio, as strict as the real one."""
