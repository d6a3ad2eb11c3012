import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat_api.sse import Event, EventReader


def read(*pieces: bytes) -> list[Event]:
    reader = EventReader()
    return [*(event for piece in pieces for event in reader.feed(piece)), *reader.end()]


def data_of(*pieces: bytes) -> list[bytes]:
    return [event.data for event in read(*pieces)]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_lines_end_in_any_way(line_end: bytes) -> None:
    stream = b"data: 1\n\ndata: 2\ndata: 3\n\n".replace(b"\n", line_end)
    assert data_of(stream) == [b"1", b"2\n3"]


def test_an_event_is_given_as_soon_as_it_ends() -> None:
    reader = EventReader()
    assert reader.feed(b"data: 1\n") == []
    assert reader.feed(b"\n") == [Event("", b"1")]
    assert reader.feed(b"data: 2\r") == []
    assert reader.feed(b"\r") == [Event("", b"2")]


def test_a_line_end_cut_in_two_is_one() -> None:
    assert data_of(b"data: 1\r", b"\ndata: 2\r", b"", b"\n\r", b"\ndata: 3\r", b"\r") == [
        b"1\n2",
        b"3",
    ]


def test_comments_and_unknown_fields_are_passed_over() -> None:
    assert data_of(b": PROCESSING\n\nid: 7\nretry: 10\ndata: 1\nnobody: knows\n: so\n\n") == [b"1"]


def test_events_may_have_names() -> None:
    assert read(b"event: error\ndata: 1\n\ndata: 2\n\n") == [Event("error", b"1"), Event("", b"2")]
    assert read(b"event: lonely\n\ndata: 1\n\n") == [Event("", b"1")]


@pytest.mark.parametrize(
    ("line", "data"),
    [
        (b"data:1", b"1"),
        (b"data:  1", b" 1"),
        (b"data: 1: 2", b"1: 2"),
        (b"data:\t1", b"\t1"),
    ],
)
def test_one_space_after_the_colon_is_none_of_the_data(line: bytes, data: bytes) -> None:
    assert data_of(line + b"\n\n") == [data]


def test_an_event_without_data_is_none() -> None:
    assert read(b"\n\n\ndata\n\ndata:\n\ndata: 1\n\n") == [Event("", b"1")]


def test_a_byte_order_mark_is_passed_over_even_in_pieces() -> None:
    assert data_of(b"\xef\xbb\xbfdata: 1\n\n") == [b"1"]
    assert data_of(b"\xef", b"\xbb", b"\xbfdata: 1\n\n") == [b"1"]
    assert data_of(b"data: 1\n\n\xef\xbb\xbfdata: 2\n\ndata: 3\n\n") == [b"1", b"3"]


@pytest.mark.parametrize(
    "done", [b"data: [DONE]\n\n", b"data:[DONE]\n\n", b"data: [DONE] \r\n\r\n"]
)
def test_nothing_counts_after_the_last_event(done: bytes) -> None:
    reader = EventReader()
    assert reader.feed(b"data: 1\n\n" + done + b"data: 2\n\n") == [Event("", b"1")]
    assert reader.done
    assert reader.feed(b"data: 3\n\n") == reader.end() == []


@pytest.mark.parametrize("rest", [b"", b"\n", b"\n\n"])
def test_the_end_of_the_stream_ends_its_last_event(rest: bytes) -> None:
    assert data_of(b"data: 1\n\ndata: 2" + rest) == [b"1", b"2"]


def test_the_end_may_follow_done_at_once() -> None:
    reader = EventReader()
    assert reader.feed(b"data: [DONE]") == reader.end() == []
    assert reader.done


def test_a_line_of_megabytes_is_read_in_shreds_and_at_once() -> None:
    line = b"data: " + b"x" * 3_000_000
    shreds = [line[at : at + 997] for at in range(0, len(line), 997)]
    assert data_of(*shreds, b"\n\n") == data_of(line + b"\n\n") == [line[6:]]


def test_only_a_line_that_has_not_ended_is_kept() -> None:
    reader = EventReader()
    reader.feed(b"data: 1\n\ndata: ")
    assert reader.held_bytes == len(b"data: ")
    reader.feed(b"2\n")
    assert reader.held_bytes == 0


_line = st.binary(max_size=12).map(lambda b: b.replace(b"\r", b"").replace(b"\n", b""))
_streams = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from([b"data:", b"data: ", b"event: ", b": ", b"id:", b""]), _line
        ).map(b"".join),
        st.just(b""),
    ),
    max_size=12,
)


@given(_streams, st.lists(st.sampled_from([b"\n", b"\r\n", b"\r"]), min_size=12), st.data())
def test_any_cutting_gives_the_same_events(
    lines: list[bytes], line_ends: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(line + end for line, end in zip(lines, line_ends, strict=False))
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=8).map(sorted))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert read(*pieces) == read(whole)
    assert read(*(whole[at : at + 1] for at in range(len(whole)))) == read(whole)


@given(st.lists(st.dictionaries(st.text(), st.text(), max_size=3), max_size=5))
def test_what_is_sent_as_json_arrives(sent: list[dict[str, str]]) -> None:
    stream = "".join(f"data: {json.dumps(each)}\r\n\r\n" for each in sent).encode()
    assert [json.loads(data) for data in data_of(stream)] == sent
