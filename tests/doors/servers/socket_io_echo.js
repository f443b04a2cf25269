// `node socket_io_echo.js PORT`: socket.io as its tutorial starts it; messages may have 4 MB, and are compressed.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
new Server(http, { maxHttpBufferSize: 4e6, perMessageDeflate: true })
  .on("connection", (socket) => socket.on("echo", (payload, answer) => answer(payload)));
http.listen(Number(process.argv[2]), "127.0.0.1");
