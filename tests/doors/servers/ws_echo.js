// `node ws_echo.js PORT`: npm's ws as its README starts it, with compression. Echoes; `?fragments=N` answers in N frames,
// `?close=CODE` closes at once.
// Prints a line for each answer in several frames and for each end.
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), perMessageDeflate: { threshold: 0 } });

server.on("connection", (socket, request) => {
  const query = new URL(request.url, "ws://upstream").searchParams;
  const fragments = Number(query.get("fragments") ?? 1);
  socket.on("error", (error) => console.log(`error ${error.message}`));
  socket.on("close", (code, reason) => console.log(`closed ${code} '${reason}'`));
  if (query.has("close")) socket.close(Number(query.get("close")), "enough");
  socket.on("message", (data, binary) => {
    if (fragments > 1) console.log(`answering in ${fragments} frames`);
    const size = Math.ceil(data.length / fragments);
    for (let i = 0; i < fragments; i += 1) {
      socket.send(data.subarray(i * size, (i + 1) * size), { binary, fin: i === fragments - 1 });
    }
  });
});
