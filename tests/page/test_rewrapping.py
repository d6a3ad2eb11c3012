"""WebM to Ogg in the page's own modules: the same packets, the same sound."""

import struct
from collections.abc import AsyncIterator
from itertools import accumulate

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, Page

from tests.page.browser import Complaints, visit
from tests.page.modules import empty_page, rewrap
from tests.page.sound import open_sound
from tests.page.spoken import encoded, spoken
from tests.page.webm import Lacing, write_webm


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, complaints: Complaints) -> AsyncIterator[Page]:
    async with visit(browser, complaints) as context:
        yield await empty_page(context)


def assert_same(ogg: bytes, webm: bytes) -> None:
    """Both play the same, sample by sample, and nothing was encoded anew."""
    made, given = open_sound(ogg), open_sound(webm)
    assert (made.container, made.codec, made.rate_hz) == ("ogg", "opus", 48_000)
    assert made.packets == given.packets
    assert made.head == given.head
    assert made.samples == given.samples
    assert page_problems(ogg) == []


def page_problems(ogg: bytes) -> list[str]:
    """What RFC 3533 and RFC 7845 forbid: wrong checksums, gaps, no end, shared head pages."""
    pages = list(ogg_pages(ogg))
    found = [f"page {n}: checksum" for n, page in enumerate(pages) if page.checksum_is_wrong]
    if [page.sequence for page in pages] != list(range(len(pages))):
        found.append("numbers are not in order")
    if [page.flags for page in pages] != [2] + [0] * (len(pages) - 2) + [4]:
        found.append("begin or end is not marked")
    if len({page.serial for page in pages}) != 1:
        found.append("more than one stream")
    if not (pages[0].body.startswith(b"OpusHead") and pages[1].body.startswith(b"OpusTags")):
        found.append("heads are not alone")
    granules = [page.granule for page in pages]
    if granules[:2] != [0, 0] or granules != sorted(granules):
        found.append("time runs backwards")
    return found


class OggPage:
    def __init__(self, data: bytes) -> None:
        _, _, self.flags, self.granule, self.serial, self.sequence, crc, count = struct.unpack_from(
            "<4sBBQIIIB", data
        )
        self.size = 27 + count + sum(data[27 : 27 + count])
        self.packets = sum(value < 255 for value in data[27 : 27 + count])
        self.body = data[27 + count : self.size]
        blanked = data[:22] + bytes(4) + data[26 : self.size]
        self.checksum_is_wrong = crc != slow_checksum(blanked)


def ogg_pages(ogg: bytes) -> list[OggPage]:
    found = []
    while ogg:
        assert ogg.startswith(b"OggS")
        found.append(OggPage(ogg))
        ogg = ogg[found[-1].size :]
    return found


def slow_checksum(data: bytes) -> int:
    """RFC 3533, bit by bit."""
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc


@pytest.mark.parametrize("frame_ms", ["2.5", "10", "20", "60"])
async def test_what_ffmpeg_wrote_plays_the_same_as_ogg(page: Page, frame_ms: str) -> None:
    webm = encoded(frame_ms=frame_ms)
    ogg = await rewrap(page, webm)
    assert_same(ogg, webm)
    packet = int(float(frame_ms) * 48)
    ends = accumulate(page.packets * packet for page in ogg_pages(ogg)[2:])
    assert [page.granule for page in ogg_pages(ogg)[2:-1]] == list(ends)[:-1]


@pytest.mark.parametrize("sized", [True, False])
@pytest.mark.parametrize("lacing", ["none", "xiph", "ebml"])
async def test_laced_packets_come_out_one_by_one(page: Page, lacing: Lacing, sized: bool) -> None:
    per_block = 1 if lacing == "none" else 4
    webm = write_webm(
        spoken().head, spoken().packets, lacing=lacing, per_block=per_block, sized=sized
    )
    ogg = await rewrap(page, webm)
    assert_same(ogg, webm)
    assert open_sound(ogg).packets == spoken().packets


async def test_packets_of_one_size_may_be_laced_without_telling_it(page: Page) -> None:
    packets = [packet[:60].ljust(60, b"\0") for packet in spoken().packets if len(packet) >= 60]
    webm = write_webm(spoken().head, packets, lacing="fixed", per_block=3)
    assert open_sound(await rewrap(page, webm)).packets == packets


async def test_the_end_that_a_recording_drops_stays_dropped(page: Page) -> None:
    webm = write_webm(spoken().head, spoken().packets, grouped=True, discard_ns=13_000_000)
    ogg = await rewrap(page, webm)
    assert_same(ogg, webm)
    whole = open_sound(write_webm(spoken().head, spoken().packets))
    assert open_sound(ogg).seconds == pytest.approx(whole.seconds - 0.013, abs=1e-4)


async def test_long_packets_fill_pages_but_never_cross_them(page: Page) -> None:
    webm = encoded(bit_rate=250_000, frame_ms="60")
    ogg = await rewrap(page, webm)
    assert max(map(len, open_sound(ogg).packets)) > 3 * 255
    assert_same(ogg, webm)


async def test_a_damaged_recording_is_refused_in_a_sentence(page: Page) -> None:
    webm = encoded()
    for damaged in (webm[:-1], webm[:9] + b"\xff" * 9, b"\0" * 64, b"", b"RIFF" + webm):
        with pytest.raises(Error, match=r"The recording (is damaged|is cut off|holds no Opus)"):
            await rewrap(page, damaged)
