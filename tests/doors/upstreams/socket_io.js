import { fileURLToPath } from "node:url";
import { NodeWebSocket, io } from "socket.io-client";
import { Program } from "../programs.js";

const server = fileURLToPath(new URL("../servers/socket_io_echo.js", import.meta.url));

/** npm's socket.io on both sides, with the WebSocket transport alone. */
export const socketIo = {
  name: "socket-io",
  path: "/socket.io/",
  binary: true,
  compresses: true,
  reconnects: true,
  start: (port) => Program.start([process.execPath, server, String(port)], { port }),
  async connect(way, recording) {
    class Transport extends NodeWebSocket {
      createSocket(url, protocols, options) {
        return new recording.WebSocket(url, protocols ?? [], options);
      }
    }
    // A refusal ends the WebSocket before Engine.IO has opened. The library only notices at `timeout`, 20 s by default.
    const socket = io(way.base.replace("ws:", "http:"), {
      transports: [Transport], query: way.params(), reconnectionDelay: 50, reconnectionDelayMax: 100, forceNew: true,
      timeout: 300,
    });
    socket.io.on("reconnect_attempt", () => { socket.io.opts.query = way.params(); });
    await new Promise((resolve) => socket.once("connect", resolve));
    return {
      up: () => socket.connected,
      exchange: (payload) => new Promise((resolve) => socket.emit("echo", payload, resolve)),
      end: () => socket.close(),
    };
  },
};
