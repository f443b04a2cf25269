// The `ws` package, bare: upgrade without authentication, broadcast as its README does it, echo.
const http = require("node:http");
const { WebSocketServer } = require("ws");

const server = http.createServer((request, response) => response.end("ok"));
const sockets = new WebSocketServer({ noServer: true });
const subscribers = new Set();

server.on("upgrade", (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (client) => {
    client.on("error", () => {});
    if (request.url === "/sub") {
      subscribers.add(client);
      client.on("close", () => subscribers.delete(client));
    } else if (request.url === "/pub") {
      client.on("message", (data) => {
        for (const each of subscribers) each.send(data, { binary: false });
      });
    } else if (request.url === "/echo") {
      client.on("message", (data) => client.send(data, { binary: false }));
    }
  });
});
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => console.log(`listening ${server.address().port}`));
