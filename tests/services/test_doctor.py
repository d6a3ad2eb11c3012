"""Parts are looked at together, and none can spoil the report."""

import asyncio
from datetime import date

import pytest

from bot.domain.findings import Finding
from bot.errors import AttachmentError, AudioError, ChatApiError, NoAccess, Refused
from bot.services import doctor
from bot.services.doctor import Doctor, probe_model, warn_of_ends
from bot.services.incidents import KEPT, LASTS, Incidents, is_refusal
from tests.fakes import StoppedClock

FINE = Finding(True, "fine")


class ToldModel:
    def __init__(self, shutdown_date: date | None) -> None:
        self.shutdown_date = shutdown_date

    async def describe_model(self, model: str | None = None) -> "ToldModel":
        return self


async def fine() -> list[Finding]:
    return [FINE]


async def test_a_part_that_fails_or_hangs_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails() -> list[Finding]:
        raise ChatApiError("key_refused", "The key is wrong.")

    async def hangs() -> list[Finding]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(doctor, "PATIENCE_S", 0.01)
    found = await Doctor(fails, fine, hangs).examine()
    assert [finding.ok for finding in found] == [False, True, False]
    assert found[0].text == "The key is wrong."


async def test_a_model_that_will_be_switched_off_is_named() -> None:
    found = await probe_model(ToldModel(date(2027, 1, 31)), "gpt-audio", "OPENAI_MODEL")()
    assert [finding.ok for finding in found] == [True, None]
    assert "2027-01-31" in found[1].text
    assert len(await probe_model(ToldModel(None), "gpt-audio", "OPENAI_MODEL")()) == 1


@pytest.mark.parametrize(
    ("error", "numbered"),
    [
        (Refused("too_long", "Too long."), False),
        (AudioError("audio_corrupt", "It is damaged."), False),
        (AttachmentError("file_gone", "It is gone."), False),
        (NoAccess("no_access", "I may not."), False),
        (Refused("storage_failing", "My disk is full."), True),
        (AudioError("audio_unavailable", "I cannot hear."), True),
        (AudioError("audio_worker_died", "My decoder stopped."), True),
        (AttachmentError("file_unreachable", "I could not fetch it."), True),
        (ChatApiError("rate_limited", "The model is busy."), True),
        (ValueError("secret"), True),
    ],
)
def test_what_is_not_the_askers_to_mend_has_a_number(error: Exception, *, numbered: bool) -> None:
    incidents = Incidents(StoppedClock())
    words = incidents.account_for(error, "answering", 1)
    kept = incidents.in_server(1)
    assert [each.id in words for each in kept] == ([True] if numbered else [])
    assert "secret" not in words
    assert is_refusal(error) is not numbered


def test_what_all_run_into_has_one_number_in_a_server_for_an_hour() -> None:
    clock = StoppedClock()
    incidents, full = Incidents(clock), Refused("storage_failing", "My disk is full.")
    defect = incidents.note(ValueError(), "answering", 1)
    for guild_id in (1, 1, 2, 1):
        incidents.account_for(full, "answering", guild_id)
    assert [len(incidents.in_server(guild_id)) for guild_id in (1, 2)] == [2, 1]
    clock.now += LASTS
    incidents.account_for(full, "answering", 1)
    assert len(incidents.in_server(1)) == 3
    assert incidents.in_server(1)[-1] is defect
    for _ in range(2):
        incidents.account_for(ChatApiError("rate_limited", "Busy."), "answering", 2)
    assert len(incidents.in_server(2)) == 3


def test_incidents_are_bounded_and_kept_apart_by_server() -> None:
    incidents = Incidents(StoppedClock())
    mine = incidents.note(ValueError("secret"), "/ask", 1)
    other = incidents.note(None, "on_message", None)
    assert incidents.in_server(1) == [mine]
    assert incidents.in_server(None) == [other]
    assert "secret" not in str(mine)
    for _ in range(KEPT):
        incidents.note(None, "on_message", 2)
    assert incidents.in_server(1) == []
    assert len(incidents.everywhere()) == KEPT


class LostModel(ToldModel):
    async def describe_model(self, model: str | None = None) -> "ToldModel":
        raise ChatApiError("key_refused", "The model's server does not accept my key.")


async def test_only_what_ends_soon_or_is_not_there_is_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    today = date(2026, 11, 21)
    models = [
        (ToldModel(date(2027, 1, 20)), "gpt-audio", "OPENAI_MODEL"),
        (ToldModel(date(2028, 1, 20)), "gpt-audio", "AZURE_MODEL"),
        (ToldModel(None), "gpt-audio", "LITELLM_MODEL"),
        (LostModel(None), "gpt-audio", "AIMLAPI_MODEL"),
    ]
    await warn_of_ends(models, today)
    assert caplog.messages == [
        "gpt-audio will be switched off on 2027-01-20: OPENAI_MODEL names another",
        "AIMLAPI_MODEL: The model's server does not accept my key. (gpt-audio)",
    ]
