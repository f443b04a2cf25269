// The WebSocket class that every library is given: npm's ws, which also writes down what became of each socket.
import { WebSocket } from "ws";

const kPieces = 5;

/** `fragments`: every message leaves in five frames. */
export function recordingSockets({ fragments = false } = {}) {
  const sockets = [];

  class RecordingWebSocket extends WebSocket {
    constructor(url, protocols, options) {
      super(url, protocols, options);
      sockets.push(this);
      this.once("upgrade", (response) => { this.tcp = response.socket; });
      this.ended = new Promise((resolve) => {
        this.once("close", (code, reason) => resolve({ code, reason: String(reason) }));
      });
      this.on("error", () => {});  // the end follows
    }

    send(data, options, done) {
      if (!fragments) return super.send(data, options, done);
      if (options instanceof Function) [options, done] = [{}, options];
      const bytes = Buffer.from(data);
      const size = Math.ceil(bytes.length / kPieces);
      for (let i = 0; i < kPieces; i += 1) {
        const fin = i === kPieces - 1;
        super.send(bytes.subarray(i * size, (i + 1) * size), { binary: typeof data !== "string", ...options, fin }, fin ? done : undefined);
      }
    }
  }
  return { sockets, WebSocket: RecordingWebSocket, get last() { return sockets.at(-1); } };
}
