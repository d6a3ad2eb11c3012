"""Which conversation a question goes on with where the message replied to carries no answer."""

from dataclasses import replace

import pytest

from bot.domain.incoming import Address, ReplyTo
from bot.errors import AudioError, BotError, ChatApiError
from tests.fakes import RecordingOutlet, asked
from tests.services.world import Services, history, said


async def test_a_reply_to_a_notice_of_ours_continues_what_that_was_about(
    services: Services,
) -> None:
    await services.ask(asked(1, "one"))
    reply = replace(asked(2, "again"), reply_to=ReplyTo(777, ours=True, answers=1))
    await services.ask(reply)
    assert len(history(services.speaker.heard[-1])) == 2


@pytest.mark.parametrize(
    "failure", [ChatApiError("rate_limited", "busy"), AudioError("silent", "silent"), None]
)
async def test_a_reply_to_a_failure_notice_continues_what_the_failed_question_did(
    services: Services, failure: BotError | None
) -> None:
    first = await services.ask(asked(1, "one"))
    again = ReplyTo(first.posted[0].id, ours=True, answers=1)
    for number in (2, 3):
        services.speaker.script = [failure] if failure else []
        text = "fails" if failure else ""
        notice = await services.ask(replace(asked(number, text), reply_to=again))
        again = ReplyTo(notice.posted[0].id, ours=True, answers=number)
    await services.ask(replace(asked(4, "four"), reply_to=again))
    assert said(services.speaker.heard[-1]) == ["[Ada] one", "[Ada] four"]


async def test_a_reply_to_a_notice_about_withheld_content_continues_what_that_replied_to(
    services: Services,
) -> None:
    first = await services.ask(asked(1, "one"))
    quiet = asked(2, "", reply_to=first.posted[0].id, address=Address.REPLY)
    withheld = replace(quiet, content_visible=False)
    await services.accept(withheld)
    await services.replies.explain_silence(withheld, RecordingOutlet())
    await services.ask(replace(asked(3, "three"), reply_to=ReplyTo(777, ours=True, answers=2)))
    assert len(history(services.speaker.heard[-1])) == 2
