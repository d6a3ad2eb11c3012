"""Models that do not hear and speak: some only write, only read aloud, or only write down."""

TEXT_MODELS = ("gpt-5-mini", "gpt-4o-mini")
"""The first one refuses `modalities`, as all models of its family do."""

SPEECH_MODELS = ("gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15", "tts-1", "tts-1-hd")
TRANSCRIBING_MODELS = {
    "gpt-transcribe": None,
    "gpt-4o-transcribe": "2027-02-26",
    "gpt-4o-mini-transcribe": "2027-02-26",
    "gpt-4o-mini-transcribe-2025-12-15": "2027-02-26",
    "whisper-1": "2027-02-26",
}
"""With the days they end."""

OTHER_MODELS = {**dict.fromkeys((*TEXT_MODELS, *SPEECH_MODELS)), **TRANSCRIBING_MODELS}
