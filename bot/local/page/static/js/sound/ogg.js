/**
 * Writes Opus packets as an Ogg Opus file, the only form a native voice message may have
 * (RFC 3533 pages, RFC 7845 Opus in Ogg, RFC 6716 section 3.1 packet durations).
 */

/** Granule positions count samples at 48 kHz, whatever the sound was taken at. */
export const GRANULES_PER_SECOND = 48000;

const FIRST_PAGE = 0x02;
const LAST_PAGE = 0x04;
const SEGMENTS_AT_MOST = 255;
const VENDOR = "voice-reply-bot";

const SILK_MS = [10, 20, 40, 60];
const HYBRID_MS = [10, 20];
const CELT_MS = [2.5, 5, 10, 20];

/**
 * Write an Ogg Opus file.
 * @param {import("./webm.js").OpusStream} stream
 * @returns {Uint8Array}
 */
export function writeOgg({ head, packets, discardNs = 0 }) {
  const serial = crypto.getRandomValues(new Uint32Array(1))[0];
  const pages = [
    { packets: [head], granule: 0, flags: FIRST_PAGE },
    { packets: [opusTags()], granule: 0, flags: 0 },
    ...soundPages(packets, trimmed(packets, head, discardNs)),
  ];
  pages.at(-1).flags |= LAST_PAGE;
  return joined(pages.map((page, sequence) => pageBytes(page, serial, sequence)));
}

/**
 * Count the samples of a packet at 48 kHz, from its first one or two bytes.
 * @param {Uint8Array} packet
 * @returns {number}
 */
export function packetSamples(packet) {
  const config = packet[0] >> 3;
  const frames = [1, 2, 2, packet[1] & 0x3f][packet[0] & 3];
  return (frames * frameMs(config) * GRANULES_PER_SECOND) / 1000;
}

function frameMs(config) {
  if (config < 12) return SILK_MS[config & 3];
  if (config < 16) return HYBRID_MS[config & 1];
  return CELT_MS[config & 3];
}

/** The last granule position: what is beyond it, a player drops. */
function trimmed(packets, head, discardNs) {
  const total = packets.reduce((sum, packet) => sum + packetSamples(packet), 0);
  const discard = Math.round((Math.max(0, discardNs) * GRANULES_PER_SECOND) / 1e9);
  return Math.max(total - discard, preSkip(head));
}

function preSkip(head) {
  return new DataView(head.buffer, head.byteOffset, head.byteLength).getUint16(10, true);
}

/** Pages of at most a second, each with whole packets: the longest one fits in a page. */
function soundPages(packets, end) {
  const pages = [];
  let page = null;
  let granule = 0;
  for (const packet of packets) {
    if (!page || !fits(page, packet)) pages.push((page = { packets: [], segments: 0, samples: 0 }));
    page.packets.push(packet);
    page.segments += segmentsOf(packet);
    page.samples += packetSamples(packet);
    granule += packetSamples(packet);
    Object.assign(page, { granule: Math.min(granule, end), flags: 0 });
  }
  return pages;
}

function fits(page, packet) {
  const samples = page.samples + packetSamples(packet);
  const segments = page.segments + segmentsOf(packet);
  return samples <= GRANULES_PER_SECOND && segments <= SEGMENTS_AT_MOST;
}

/** A packet that ends on a full segment needs an empty one behind it. */
function segmentsOf(packet) {
  return Math.floor(packet.length / 255) + 1;
}

function pageBytes({ packets, granule, flags }, serial, sequence) {
  const table = packets.flatMap(lacingValues);
  const header = new Uint8Array(27 + table.length);
  const view = new DataView(header.buffer);
  header.set([0x4f, 0x67, 0x67, 0x53, 0, flags]); // OggS
  view.setBigUint64(6, BigInt(granule), true);
  view.setUint32(14, serial, true);
  view.setUint32(18, sequence, true);
  header[26] = table.length;
  header.set(table, 27);
  const page = joined([header, ...packets]);
  new DataView(page.buffer).setUint32(22, checksum(page), true);
  return page;
}

function lacingValues(packet) {
  const values = new Array(segmentsOf(packet)).fill(255);
  values[values.length - 1] = packet.length % 255;
  return values;
}

function opusTags() {
  const vendor = new TextEncoder().encode(VENDOR);
  const tags = new Uint8Array(8 + 4 + vendor.length + 4);
  tags.set(new TextEncoder().encode("OpusTags"));
  new DataView(tags.buffer).setUint32(8, vendor.length, true);
  tags.set(vendor, 12);
  return tags;
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// RFC 3533 section 6: polynomial 0x04c11db7, most significant bit first, from zero.
const CHECKSUMS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  return sum;
});

function checksum(page) {
  let sum = 0;
  for (const byte of page) sum = (sum << 8) ^ CHECKSUMS[(sum >>> 24) ^ byte];
  return sum >>> 0;
}
