/** The picture of a voice message: 1 to 256 bytes of loudness, as Discord's clients send it. */

const POINTS_AT_MOST = 256;
const POINTS_PER_SECOND = 10;
const BARS = 44;
const LOWEST_BAR = 0.08;

/**
 * Measure the loudness: at most one point per 100 ms, the loudest 255.
 * @param {Float32Array} samples
 * @param {number} rate samples per second
 * @returns {string} base64
 */
export function measureWaveform(samples, rate) {
  const wanted = Math.round((samples.length / rate) * POINTS_PER_SECOND);
  const count = Math.max(1, Math.min(POINTS_AT_MOST, wanted));
  const levels = Array.from({ length: count }, (_, n) => loudness(slice(samples, n, count)));
  const loudest = Math.max(...levels) || 1;
  // The square root keeps soft speech visible beside loud speech.
  const points = levels.map((level) => Math.round(Math.sqrt(level / loudest) * 255));
  return btoa(String.fromCharCode(...points));
}

function slice(samples, n, count) {
  const at = (index) => Math.floor((index * samples.length) / count);
  return samples.subarray(at(n), at(n + 1));
}

function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / (samples.length || 1));
}

/**
 * Draw bars: one faint row, and above it the same row again, shown as far as was played.
 * Colours come from CSS (`.waveform`), and how much was played from its `--played`.
 * @param {string} waveform base64; what cannot be read is drawn flat
 * @returns {SVGSVGElement}
 */
export function drawWaveform(waveform) {
  const svg = svgElement("svg", { viewBox: `0 0 ${BARS * 4} 32`, preserveAspectRatio: "none" });
  svg.setAttribute("class", "waveform");
  svg.setAttribute("aria-hidden", "true");
  const d = barsPath(readPoints(waveform));
  svg.append(svgElement("path", { d }), svgElement("path", { d, class: "waveform-played" }));
  return svg;
}

function svgElement(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function readPoints(waveform) {
  try {
    const points = Uint8Array.from(atob(waveform ?? ""), (byte) => byte.charCodeAt(0));
    return points.length ? points : Uint8Array.of(0);
  } catch {
    return Uint8Array.of(0);
  }
}

function barsPath(points) {
  return Array.from({ length: BARS }, (_, bar) => {
    const reach = Math.max(LOWEST_BAR, levelOf(points, bar) / 255) * 14;
    return `M${bar * 4 + 2} ${(16 - reach).toFixed(1)}V${(16 + reach).toFixed(1)}`;
  }).join("");
}

/** The loudest point of a bar; with fewer points than bars, what lies between two of them. */
function levelOf(points, bar) {
  if (points.length < BARS) return between(points, (bar * (points.length - 1)) / (BARS - 1));
  const [from, to] = [bar, bar + 1].map((edge) => Math.floor((edge * points.length) / BARS));
  return Math.max(...points.subarray(from, to));
}

function between(points, at) {
  const [before, share] = [Math.floor(at), at % 1];
  return points[before] * (1 - share) + (points[before + 1] ?? 0) * share;
}
