"""Names of models that do not hear and speak: some only write, some only read aloud."""

TEXT_MODELS = ("gpt-5-mini", "gpt-4o-mini")
"""The first one refuses `modalities`, as all models of its family do."""

SPEECH_MODELS = ("gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15", "tts-1", "tts-1-hd")
OTHER_MODELS = (*TEXT_MODELS, *SPEECH_MODELS)
