import { fileURLToPath } from "node:url";
import { Program } from "../programs.js";
import { connectSocket } from "./plain_socket.js";

const cwd = fileURLToPath(new URL("../servers/channels", import.meta.url));

/** Debian's Django Channels on daphne; the client is a WebSocket. */
export const channels = {
  name: "channels",
  path: "/ws/echo/",
  binary: true,
  compresses: false,
  start: (port) => Program.start(
    ["/usr/bin/python3", "-B", "-m", "daphne", "-b", "127.0.0.1", "-p", String(port), "asgi:application"], { port, cwd }),
  connect: connectSocket,
};
