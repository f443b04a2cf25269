import net from "node:net";

/** A TCP proxy that can be cut: what is on the way is lost, as on a bad network. `address` may be a function. */
export async function startProxy(address) {
  const sockets = new Set();
  const server = net.createServer((front) => {
    const [host, port] = (address instanceof Function ? address() : address).split(":");
    const back = net.connect(Number(port), host);
    for (const socket of [front, back]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => { sockets.delete(socket); front.destroy(); back.destroy(); });
    }
    front.pipe(back).pipe(front);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${server.address().port}/connection/websocket`,
    cut: () => sockets.forEach((socket) => socket.resetAndDestroy?.() ?? socket.destroy()),
    close: () => { sockets.forEach((socket) => socket.destroy()); server.close(); },
  };
}
