"""Files that point to other files and to servers: playlists, and a movie without its own sound."""

import struct
from collections.abc import Iterator
from pathlib import Path

from soak.media.trap import Trap

KINDS = (
    "hls file", "hls absolute", "hls relative", "hls http", "hls rtp", "hls key", "hls data",
    "hls subfile", "hls concat", "ffconcat relative", "ffconcat absolute", "ffmetadata", "sdp",
    "dash", "vobsub", "smil", "m3u", "pls",
)  # fmt: skip
"""What `playlists` writes."""


def playlists(trap: Trap) -> dict[str, bytes]:
    """Write one of each kind, pointing into the trap."""
    hls = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n{}\n#EXT-X-ENDLIST\n"
    path, url, name = trap.canary, trap.url, trap.canary.name
    texts = (
        hls.format(f"#EXTINF:1,\nfile:{path}"),
        hls.format(f"#EXTINF:1,\n{path}"),
        hls.format(f"#EXTINF:1,\n{name}"),
        hls.format(f"#EXTINF:1,\n{url}"),
        hls.format(f"#EXTINF:1,\n{trap.udp_url}"),
        hls.format(f'#EXT-X-KEY:METHOD=AES-128,URI="{url}"\n#EXTINF:1,\n{name}'),
        hls.format("#EXTINF:1,\ndata:audio/wav;base64,UklGRg=="),
        hls.format(f"#EXTINF:1,\nsubfile,,start,0,end,0,,:{path}"),
        hls.format(f"#EXTINF:1,\nconcat:{path}|{path}"),
        f"ffconcat version 1.0\nfile {name}\n",
        f"ffconcat version 1.0\nfile '{path}'\n",
        f";FFMETADATA1\ntitle={path}\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        f"m=audio {trap.udp_port} RTP/AVP 0\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="audio/mp4">'
        f'<Representation id="a" bandwidth="1"><BaseURL>{url}</BaseURL><SegmentList><SegmentURL/>'
        "</SegmentList></Representation></AdaptationSet></Period></MPD>",
        f"# VobSub index file, v7 (do not modify this line!)\n# {name}\nid: en, index: 0\n",
        f'<smil><body><audio src="{url}"/></body></smil>',
        f"{url}\n",
        f"[playlist]\nFile1={url}\n",
    )
    return {kind: text.encode() for kind, text in zip(KINDS, texts, strict=True)}


def disguised(data: bytes) -> Iterator[bytes]:
    """Give it bare, and behind magic bytes that let it past a first look."""
    yield data
    for magic in (b"ID3\x04\0\0\0\0\0\0", b"RIFF\xff\xff\xff\xffWAVE", b"OggS"):
        yield magic + data


def with_reference_to(path: Path, movie: bytes) -> bytes:
    """Let the sound track's samples lie in another file (QuickTime's `dref` with an `alis`)."""
    name = str(path).encode()
    alias = bytes(10) + name[:64].ljust(140, b"\0") + struct.pack(">HH", 2, len(name)) + name
    entry = struct.pack(">I4sI", 12 + len(alias), b"alis", 0) + alias
    at = max(movie.rfind(b"alis"), movie.rfind(b"url ")) - 4
    made = bytearray(movie[:at] + entry + movie[at + 12 :])
    for box in (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"):
        size_at = made.rfind(box, 0, at) - 4
        size = int.from_bytes(made[size_at : size_at + 4], "big") + len(alias)
        made[size_at : size_at + 4] = size.to_bytes(4, "big")
    return bytes(made)
