import { fileURLToPath } from "node:url";
import { Program } from "../programs.js";
import { connectSocket } from "./plain_socket.js";

const server = fileURLToPath(new URL("../servers/ws_echo.js", import.meta.url));

/** npm's ws on both sides. */
export const ws = {
  name: "ws",
  path: "/echo",
  binary: true,
  compresses: true,
  start: (port) => Program.start([process.execPath, server, String(port)], { port }),
  connect: connectSocket,
};
