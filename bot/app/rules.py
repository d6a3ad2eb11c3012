"""The owner's settings as the services want them."""

from bot.domain.conversation import Budget
from bot.domain.owner import Owner
from bot.services.asking import ReplyRules
from bot.services.hearing import HearingLimits
from bot.settings import Settings

KEPT_CLIP_BYTES = 2 * 2**20
"""The largest recording of a member that is kept, so that later turns can hear it again."""


def reply_rules(settings: Settings) -> ReplyRules:
    """Tell what every answer depends on and no room can change."""
    return ReplyRules(
        budget=Budget(
            turns=settings.history_turns,
            tokens=settings.history_tokens,
            answer_audio_s=settings.history_audio_seconds,
            member_audio_turns=settings.member_audio_turns,
            member_audio_s=settings.member_audio_seconds,
            member_audio_tokens=settings.member_audio_tokens,
        ),
        asker_key=settings.discord_token.value.encode(),
        kept_clip_bytes=KEPT_CLIP_BYTES if settings.keep_audio_days else 0,
    )


def owner_of(settings: Settings) -> Owner:
    """Tell the defaults of all rooms, and the limits they live in."""
    return Owner(
        voice=settings.default_voice,
        file_format=settings.audio_format,
        instructions=settings.system_prompt,
        model=settings.model,
        models=settings.models,
        text_model=settings.servers[0].text_model,
        speech_model=settings.servers[0].speech_model,
        parameters=settings.sampling,
        sampling=settings.sampling_allowed,
        answer_tokens=settings.max_answer_tokens,
        persona_characters=settings.persona_max_chars,
        personas=settings.personas_max,
        transcribe=settings.transcribe,
    )


def limits(settings: Settings) -> HearingLimits:
    """Tell how much is heard and read."""
    return HearingLimits(
        input_s=settings.max_input_seconds,
        file_bytes=settings.max_attachment_bytes,
        text_file_bytes=settings.max_text_file_bytes,
    )
