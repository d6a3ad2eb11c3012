"""The recorder alone: what a browser's microphone hears becomes a voice message of Discord's."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.page.browser import Complaints, visit
from tests.page.modules import empty_page
from tests.page.sound import open_sound
from tests.page.waveforms import waveforms_agree

_RECORD = """async (quietMs) => {
  const { VoiceRecorder } = await import("/js/sound/recorder.js");
  const recorder = new VoiceRecorder();
  const silence = new Promise((resolve) => {
    let lastHeard = Infinity;
    recorder.onlevel = (level) => {
      if (level > 0.05) lastHeard = performance.now();
      if (performance.now() - lastHeard > quietMs) resolve();
    };
  });
  await recorder.start();
  await silence;
  const { blob, ...rest } = await recorder.stop();
  const bytes = Array.from(new Uint8Array(await blob.arrayBuffer()));
  const data = btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
  return { ...rest, data, type: blob.type, after: recorder.isRecording };
}"""


_FORGET = """async () => {
  const { VoiceRecorder } = await import("/js/sound/recorder.js");
  const tracks = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    tracks.push(...stream.getTracks());
    return stream;
  };
  const recorder = new VoiceRecorder();
  const why = (promise) => promise.then(() => "recorded", (error) => error.message);
  const early = recorder.start();
  const letGo = await why(recorder.stop());
  await early;
  await recorder.start();
  recorder.cancel();
  const afterwards = await why(recorder.stop());
  return { letGo, afterwards, microphones: tracks.map((track) => track.readyState) };
}"""
_DENIED = """async () => {
  const { VoiceRecorder } = await import("/js/sound/recorder.js");
  const recorder = new VoiceRecorder();
  const why = await recorder.start().then(() => "recorded", (error) => error.message);
  return [why, recorder.isRecording];
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, complaints: Complaints) -> AsyncIterator[Page]:
    async with visit(browser, complaints) as context:
        yield await empty_page(context)


async def test_what_was_spoken_becomes_a_voice_message(page: Page) -> None:
    recorded: dict[str, Any] = await page.evaluate(_RECORD, 700)
    data = base64.b64decode(recorded["data"])
    sound = open_sound(data)
    assert (recorded["kind"], recorded["type"]) == ("voice", "audio/ogg")
    assert (sound.container, sound.codec) == ("ogg", "opus")
    assert (sound.channels, sound.rate_hz) == (1, 48_000)
    assert recorded["seconds"] == pytest.approx(sound.seconds, abs=0.001)
    assert 24_000 <= len(data) * 8 / sound.seconds <= 64_000
    assert waveforms_agree(recorded["waveform"], data)
    assert not recorded["after"]


async def test_a_recording_that_is_let_go_is_forgotten_and_the_microphone_released(
    page: Page,
) -> None:
    told = await page.evaluate(_FORGET)
    assert told["letGo"] == "It was let go before the microphone was ready."
    assert told["afterwards"] == "Nothing is being recorded."
    assert told["microphones"] == ["ended", "ended"]


async def test_a_refused_microphone_is_told_in_a_sentence(
    browser: Browser, complaints: Complaints
) -> None:
    complaints.expected.append("Permissions policy violation: microphone")
    async with visit(browser, complaints) as context:
        page = await empty_page(context, headers={"permissions-policy": "microphone=()"})
        why, is_recording = await page.evaluate(_DENIED)
        assert why == "The browser was not allowed to use the microphone."
        assert not is_recording
