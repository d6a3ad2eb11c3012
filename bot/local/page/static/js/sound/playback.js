/** One sound that can be played: where it is, how fast it goes, and that it alone is heard. */

const SPEEDS = [1, 1.5, 2];

let heard = null;

/** Tells `change` whenever anything about it changed; fetches no sound before it is needed. */
export class Playback extends EventTarget {
  #audio = new Audio();
  #seconds;
  #element = null;

  /**
   * @param {string} url
   * @param {number | null} seconds as announced; null when only the file itself knows
   */
  constructor(url, seconds) {
    super();
    this.#seconds = seconds;
    this.#audio.preload = seconds ? "none" : "metadata";
    this.#audio.src = url;
    for (const name of ["play", "pause", "timeupdate", "seeked", "loadedmetadata", "error"]) {
      this.#audio.addEventListener(name, () => this.#tell());
    }
    this.#audio.addEventListener("ended", () => this.seek(0));
  }

  /** Stop when this element leaves the page: a sound without its player cannot be paused. */
  boundTo(element) {
    this.#element = element;
  }

  get isPlaying() {
    return !this.#audio.paused && !this.#audio.ended && !this.hasFailed;
  }

  get hasFailed() {
    return this.#audio.error !== null;
  }

  get position() {
    return Math.min(this.#audio.currentTime, this.length || Infinity);
  }

  /** Seconds of all; 0 while unknown. */
  get length() {
    const measured = this.#audio.duration;
    return Number.isFinite(measured) && measured > 0 ? measured : (this.#seconds ?? 0);
  }

  get speed() {
    return this.#audio.playbackRate;
  }

  toggle() {
    if (this.isPlaying) this.#audio.pause();
    else this.#play();
  }

  seek(seconds) {
    this.#audio.currentTime = Math.max(0, Math.min(seconds, this.length));
    this.#tell();
  }

  /** Go on with the next of 1, 1.5 and 2. */
  nextSpeed() {
    const next = SPEEDS[(SPEEDS.indexOf(this.speed) + 1) % SPEEDS.length];
    this.#audio.defaultPlaybackRate = next; // else loading the file would set it back to 1
    this.#audio.playbackRate = next;
    this.#tell();
  }

  #play() {
    if (heard !== this) heard?.pause();
    heard = this;
    if (this.hasFailed) this.#audio.load(); // what failed may have been the network
    // A pause or a broken file ends the promise badly; both are told by their own events.
    this.#audio.play().catch(() => this.#tell());
    this.#follow();
  }

  pause() {
    this.#audio.pause();
  }

  /** Tell every drawn frame while it plays: `timeupdate` alone comes four times a second. */
  #follow() {
    if (!this.isPlaying) return;
    if (this.#element && !this.#element.isConnected) return this.pause();
    this.#tell();
    requestAnimationFrame(() => this.#follow());
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
