// Bun's own server, which is uWebSockets inside: upgrade without authentication, broadcast by its topics, echo.
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT ?? 0),
  fetch(request, server) {
    const path = new URL(request.url).pathname;
    if (path === "/") return new Response("ok");
    return server.upgrade(request, { data: path }) ? undefined : new Response("no upgrade", { status: 400 });
  },
  websocket: {
    idleTimeout: 0,
    open(socket) {
      if (socket.data === "/sub") socket.subscribe("all");
    },
    message(socket, message) {
      if (socket.data === "/pub") server.publish("all", message);
      else if (socket.data === "/echo") socket.send(message);
    },
  },
});
console.log(`listening ${server.port}`);
