"""The HTTP API of the model: chat completions with audio."""
