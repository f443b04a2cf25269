// A chat on Express and ws: a cookie session says who somebody is, and the upgrade looks at it.
import express from "express";
import session from "express-session";
import { createServer } from "node:http";
import { WebSocket, WebSocketServer } from "ws";

const app = express();
const sessions = session({ secret: process.env.SESSION_SECRET, resave: false, saveUninitialized: false });
app.use(sessions);
app.use(express.static("public"));

app.post("/login/:name", (req, res) => {
  req.session.user = req.params.name;
  res.sendStatus(204);
});

const server = createServer(app);
const chat = new WebSocketServer({ noServer: true });
const userOf = (request, done) => sessions(request, {}, () => done(request.session.user));

server.on("upgrade", (request, socket, head) => {
  userOf(request, (user) => {
    if (!user) return socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
    chat.handleUpgrade(request, socket, head, (peer) => chat.emit("connection", peer, user));
  });
});

chat.on("connection", (peer, user) => {
  peer.on("message", (text) => {
    for (const each of chat.clients) if (each.readyState === WebSocket.OPEN) each.send(`${user}: ${text}`);
  });
});

server.listen(process.env.PORT, "127.0.0.1", () => console.log("listening"));
