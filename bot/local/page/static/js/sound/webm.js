/**
 * Reads the Opus packets out of a WebM recording (RFC 8794 EBML, RFC 9559 Matroska).
 * Nothing is decoded: the packets come out as the browser's encoder wrote them.
 */

const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const BLOCK_GROUP = 0xa0;
const TRACK_NUMBER = 0xd7;
const CODEC_ID = 0x86;
const CODEC_PRIVATE = 0x63a2;
const SIMPLE_BLOCK = 0xa3;
const BLOCK = 0xa1;
const DISCARD_PADDING = 0x75a2;

// Their headers are read and their insides walked as if they lay flat: so a size that a live
// recording leaves unknown does not matter.
const CONTAINERS = new Set([SEGMENT, CLUSTER, TRACKS, TRACK_ENTRY, BLOCK_GROUP]);

const LACING = { NONE: 0, XIPH: 1, FIXED: 2, EBML: 3 };

/** What is not a WebM file with one Opus track, or is damaged. */
export class WebmError extends Error {}

/**
 * @typedef {object} OpusStream
 * @property {Uint8Array} head the identification header (RFC 7845 section 5.1)
 * @property {Uint8Array[]} packets in their order
 * @property {number} discardNs nanoseconds to drop from the end, mostly 0
 */

/**
 * Read the first Opus track.
 * @param {Uint8Array} bytes a whole WebM file
 * @returns {OpusStream}
 * @throws {WebmError}
 */
export function readWebm(bytes) {
  const tracks = [];
  const blocks = [];
  for (const { id, data } of elements(bytes)) {
    if (id === TRACK_ENTRY) tracks.push({});
    else if (id === SIMPLE_BLOCK || id === BLOCK) blocks.push({ data, discardNs: 0 });
    else if (id === DISCARD_PADDING && blocks.length) blocks.at(-1).discardNs = signed(data);
    else if (tracks.length) describe(tracks.at(-1), id, data);
  }
  const track = tracks.find((each) => each.codec === "A_OPUS" && each.head);
  if (!track) throw new WebmError("The recording holds no Opus sound.");
  return packetsOf(track, blocks);
}

function describe(track, id, data) {
  if (id === TRACK_NUMBER) track.number = unsigned(data);
  else if (id === CODEC_ID) track.codec = new TextDecoder().decode(data).replace(/\0+$/, "");
  else if (id === CODEC_PRIVATE) track.head = data;
}

function packetsOf(track, blocks) {
  const packets = [];
  let discardNs = 0;
  for (const block of blocks) {
    const { number, frames } = readBlock(block.data);
    if (number !== track.number) continue;
    packets.push(...frames);
    discardNs = block.discardNs;
  }
  return { head: track.head, packets, discardNs };
}

/** Walk all elements; a container is announced with no data, and its insides follow. */
function* elements(bytes) {
  let at = 0;
  while (at < bytes.length) {
    const id = readId(bytes, at);
    const size = readSize(bytes, at + id.length);
    at += id.length + size.length;
    if (CONTAINERS.has(id.value)) {
      yield { id: id.value, data: bytes.subarray(at, at) };
      continue;
    }
    const end = at + size.value; // NaN when unknown: refused, too
    if (!(end <= bytes.length)) throw new WebmError("The recording is cut off.");
    yield { id: id.value, data: bytes.subarray(at, end) };
    at = end;
  }
}

/** An element's id keeps its length marker. */
function readId(bytes, at) {
  const length = vintLength(bytes, at);
  if (length > 4) throw new WebmError("The recording is damaged.");
  return { value: unsigned(bytes.subarray(at, at + length)), length };
}

/** A size, or NaN where all bits are set: unknown (RFC 8794 section 6.2). */
function readSize(bytes, at) {
  const { value, length } = readVint(bytes, at);
  return { value: value === 2 ** (7 * length) - 1 ? NaN : value, length };
}

function readVint(bytes, at) {
  const length = vintLength(bytes, at);
  let value = bytes[at] & (0xff >> length);
  for (let n = 1; n < length; n += 1) value = value * 256 + bytes[at + n];
  return { value, length };
}

function vintLength(bytes, at) {
  const length = Math.clz32(bytes[at] ?? 0) - 23;
  if (length > 8 || at + length > bytes.length) throw new WebmError("The recording is damaged.");
  return length;
}

function unsigned(data) {
  return data.reduce((value, byte) => value * 256 + byte, 0);
}

function signed(data) {
  const value = unsigned(data);
  return data[0] & 0x80 ? value - 256 ** data.length : value;
}

/** A block: track number, two bytes of time, flags, and one frame or several laced ones. */
function readBlock(data) {
  const number = readVint(data, 0);
  const flagsAt = number.length + 2;
  const lacing = (data[flagsAt] >> 1) & 3;
  const body = data.subarray(flagsAt + 1);
  return { number: number.value, frames: lacing === LACING.NONE ? [body] : unlace(body, lacing) };
}

function unlace(body, lacing) {
  const count = body[0] + 1;
  if (lacing === LACING.FIXED) return cut(body, 1, evenly(body.length - 1, count));
  const { sizes, at } = lacing === LACING.XIPH ? xiphSizes(body, count) : ebmlSizes(body, count);
  const last = body.length - at - sizes.reduce((sum, size) => sum + size, 0);
  return cut(body, at, [...sizes, last]);
}

function evenly(total, count) {
  return new Array(count).fill(total / count);
}

/** All sizes but the last: runs of 255 and a rest. */
function xiphSizes(body, count) {
  const sizes = [];
  let at = 1;
  while (sizes.length < count - 1) {
    let size = 0;
    while (body[at] === 255) size += body[at++];
    sizes.push(size + body[at++]);
  }
  return { sizes, at };
}

/** All sizes but the last: the first one whole, the others as signed differences. */
function ebmlSizes(body, count) {
  const sizes = [];
  let at = 1;
  while (sizes.length < count - 1) {
    const { value, length } = readVint(body, at);
    const bias = 2 ** (7 * length - 1) - 1;
    sizes.push(sizes.length ? sizes.at(-1) + value - bias : value);
    at += length;
  }
  return { sizes, at };
}

function cut(body, start, sizes) {
  let at = start;
  return sizes.map((size) => {
    const end = at + size;
    if (!Number.isInteger(size) || size < 0 || end > body.length) {
      throw new WebmError("The recording is damaged.");
    }
    const frame = body.subarray(at, end);
    at = end;
    return frame;
  });
}
