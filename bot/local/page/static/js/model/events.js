/** The stream of events: one WebSocket that comes back by itself. */

const LONGEST_WAIT_MS = 10_000;

/**
 * Listen as `me` until the returned function is called.
 * @param {string} me
 * @param {(name: string, data: any) => void} onEvent
 * @param {(online: boolean) => void} onConnection
 */
export function listen(me, onEvent, onConnection) {
  let socket,
    timer,
    ended = false,
    attempts = 0;

  function open() {
    clearTimeout(timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/api/as/${me}/events`);
    socket.addEventListener("message", ({ data }) => take(JSON.parse(data)));
    socket.addEventListener("close", again);
  }

  function take({ t: name, d: data }) {
    if (ended) return;
    if (name === "HELLO") {
      attempts = 0;
      onConnection(true);
    }
    onEvent(name, data);
  }

  function again() {
    if (ended) return;
    onConnection(false);
    timer = setTimeout(
      open,
      Math.min(LONGEST_WAIT_MS, 400 * 2 ** attempts++) * (0.75 + Math.random() / 2),
    );
  }

  const hurry = () => socket.readyState === WebSocket.CLOSED && !ended && open();
  addEventListener("online", hurry);
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    removeEventListener("online", hurry);
    socket.close();
  };
}
