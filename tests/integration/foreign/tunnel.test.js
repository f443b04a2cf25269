// usher-client/socket in Node through the gateway's tunnel, to a WebSocket server that knows nothing of usher; and two of the
// libraries that take the class of ticketWebSocket.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import WebSocket, { WebSocketServer } from "ws";
import { startGateway, until } from "./gateway.js";
import { loadClient } from "./usher_client.js";

const require = createRequire(new URL("../../../clients/typescript/package.json", import.meta.url));
const { UsherSocket, ticketWebSocket } = await loadClient("src/socket.ts");

/** An application's server: an echo, GraphQL at /graphql, and a path that it refuses. */
async function startUpstream(port = 0) {
  const { GraphQLObjectType, GraphQLSchema, GraphQLString } = require("graphql");
  const Query = new GraphQLObjectType({ name: "Query", fields: { hello: { type: GraphQLString, resolve: () => "world" } } });
  const graphql = new WebSocketServer({ noServer: true });
  require("graphql-ws/use/ws").useServer({ schema: new GraphQLSchema({ query: Query }) }, graphql);
  const echo = new WebSocketServer({ noServer: true });
  const upstream = { requests: [], live: [] };
  echo.on("connection", (socket) => {
    upstream.live.push(socket);
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  const http = createServer();
  http.on("upgrade", (request, socket, head) => {
    upstream.requests.push(request);
    if (request.url.startsWith("/refuse")) return socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    const server = request.url.startsWith("/graphql") ? graphql : echo;
    server.handleUpgrade(request, socket, head, (accepted) => server.emit("connection", accepted, request));
  });
  await new Promise((resolve) => http.listen(port, "127.0.0.1", resolve));
  upstream.url = `http://127.0.0.1:${http.address().port}`;
  upstream.port = http.address().port;
  upstream.stop = () => new Promise((resolve) => {
    for (const server of [echo, graphql]) for (const socket of server.clients) socket.terminate();
    http.close(resolve);
    http.closeAllConnections();
  });
  return upstream;
}

const door = (name, path, url, who = "anyone") => `[[upstreams]]\nname = "${name}"\npath = "${path}"\nurl = "${url}"\nwho = "${who}"\n`;

let upstream;
let gateway;
let config;

before(async () => {
  upstream = await startUpstream();
  // A port where nothing listens until a test begins to.
  const later = await startUpstream();
  await later.stop();
  config = door("board", "/board", `${upstream.url}/socket?x=1`) + door("members", "/members", `${upstream.url}/socket`, "users") +
    door("graphql", "/graphql", `${upstream.url}/graphql`) + door("refuse", "/refuse", `${upstream.url}/refuse`) +
    door("later", "/later", `http://127.0.0.1:${later.port}/socket`);
  gateway = await startGateway({ config });
  gateway.laterPort = later.port;
});

after(async () => {
  await gateway?.stop();
  await upstream?.stop();
});

const heard = (target, type) => new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

/** Options of a client, and what it says and asks for. */
function client(more = {}) {
  const seen = { lines: [], calls: [] };
  const log = (text) => seen.lines.push(text);
  const logged = {
    WebSocket, storage: null, logger: { log, warn: log, error: log },
    fetch: async (url, init) => {
      seen.calls.push(new URL(url).pathname);
      const answer = await fetch(url, init);
      gateway.issued.push(await answer.clone().text());
      return answer;
    },
    ...more,
  };
  return { seen, options: logged };
}

function open(t, path, { protocols = [], ...more } = {}) {
  const { seen, options } = client(more);
  const socket = new UsherSocket(gateway.http + path, protocols, options);
  const events = [];
  for (const type of ["open", "lost", "reopen", "error", "close"]) socket.addEventListener(type, () => events.push(type));
  t.after(() => socket.close());
  return { socket, events, ...seen };
}

describe("UsherSocket", () => {
  test("text and bytes pass, and the application sees who it is, but no ticket", async (t) => {
    const { socket, lines } = open(t, "/board?room=7", { protocols: ["chat.v1"] });
    socket.binaryType = "arraybuffer";
    await heard(socket, "open");
    assert.equal(socket.protocol, "chat.v1");
    const large = Buffer.alloc(1 << 20, "größer ");
    for (const data of ["hello", large]) {
      const answer = heard(socket, "message");
      socket.send(data);
      const echo = (await answer).data;
      assert.ok(typeof data === "string" ? echo === data : Buffer.from(echo).equals(data));
    }
    const { url, headers } = upstream.requests.at(-1);
    assert.match(url, /^\/socket\?/);
    assert.match(url, /room=7/);
    assert.doesNotMatch(url, /ticket/);
    assert.equal(headers["sec-websocket-protocol"], "chat.v1");
    assert.match(headers["x-usher-session"], /./);
    assert.deepEqual(lines, [
      "[WS] Ensuring JWT token exists...", "[WS] JWT ready", "[WS] Requesting WebSocket ticket...",
      "[WS] Ticket obtained, connecting to WebSocket...", "[WS] Connected",
    ]);
  });

  test("without subprotocols of its own it opens, and shows none", async (t) => {
    const { socket } = open(t, "/board");
    await heard(socket, "open");
    assert.equal(socket.protocol, "");
    assert.equal(upstream.requests.at(-1).headers["sec-websocket-protocol"], undefined);
  });

  test("a guest at a door for users: closed with the reason, and never open", async (t) => {
    const { socket, events, lines } = open(t, "/members");
    const { code, reason, wasClean } = await heard(socket, "close");
    assert.deepEqual([code, reason, wasClean], [1008, "NOT_AUTHORIZED", true]);
    assert.deepEqual(events, ["error", "close"]);
    assert.equal(lines.at(-1), "[WS] Hard failure - stopping reconnect { code: 1008, reason: 'NOT_AUTHORIZED', wasClean: true }");
  });

  test("a server that refuses the upgrade: 3522, hard", async (t) => {
    const { socket, events } = open(t, "/refuse");
    const { code, reason } = await heard(socket, "close");
    assert.deepEqual([code, reason, events], [3522, "UPSTREAM_REFUSED", ["error", "close"]]);
  });

  test("a server that is down: soft, and open as soon as it is up", async (t) => {
    const { socket, events, lines } = open(t, "/later");
    await until(() => lines.some((line) => /Reconnecting in \d+ms \(attempt 2\)/.test(line)), () => lines.join("\n"));
    assert.ok(lines.includes("[WS] Disconnected { code: 1013, reason: 'UPSTREAM_UNAVAILABLE', wasClean: true }"), lines.join("\n"));
    assert.deepEqual(events, []);
    const late = await startUpstream(gateway.laterPort);
    t.after(() => late.stop());
    await heard(socket, "open");
  });

  test("a lost connection reopens with a new ticket, and sends what waited", async (t) => {
    const { socket, events, calls } = open(t, "/board", { queue: 1 });
    await heard(socket, "open");
    const lost = heard(socket, "lost");
    upstream.live.at(-1).terminate();
    await lost;
    socket.send("waited");
    assert.equal(await (await heard(socket, "message")).data, "waited");
    assert.deepEqual(events, ["open", "lost", "open", "reopen"]);
    assert.deepEqual(calls, ["/auth/token", "/auth/ticket", "/auth/ticket"]);
  });

  test("a revoked session is closed for good", async (t) => {
    const token = gateway.jwt({ sub: "u1", sessionId: "s-revoked", life: 600 });
    const { socket, events } = open(t, "/members", { token });
    await heard(socket, "open");
    const closed = heard(socket, "close");
    await gateway.api("revoke", { session: "s-revoked" });
    assert.equal((await closed).code, 3520);
    assert.deepEqual(events, ["open", "close"]);
    assert.deepEqual(socket.failure, { code: 3520, reason: "SESSION_REVOKED" });
  });

  test("the close of the application and that of its server pass with code and reason", async (t) => {
    const { socket } = open(t, "/board");
    await heard(socket, "open");
    const ended = new Promise((resolve) => upstream.live.at(-1).once("close", (code, reason) => resolve([code, `${reason}`])));
    socket.close(4001, "bye");
    assert.deepEqual(await ended, [4001, "bye"]);
    const { code, reason, wasClean } = await heard(socket, "close");
    assert.deepEqual([code, reason, wasClean], [4001, "bye", true]);

    const other = open(t, "/board").socket;
    await heard(other, "open");
    const closed = heard(other, "close");
    upstream.live.at(-1).close(4500, "banned");
    const event = await closed;
    assert.deepEqual([event.code, event.reason], [4500, "banned"]);
  });

  test("a gateway that is replaced: lost, and back", async (t) => {
    const old = await startGateway({ config });
    const { seen, options } = client();
    const socket = new UsherSocket(`${old.http}/board`, [], options);
    t.after(() => socket.close());
    await heard(socket, "open");
    const lost = heard(socket, "lost");
    await old.stop();
    assert.equal((await lost).code, 1001);
    const reopened = heard(socket, "reopen");
    const next = await startGateway({ config, listen: old.address });
    t.after(() => next.stop());
    await reopened;
    assert.ok(seen.lines.includes("[WS] Disconnected { code: 1001, reason: 'SERVER_SHUTDOWN', wasClean: true }"), seen.lines.join("\n"));
  });
});

describe("a server that redeems tickets itself", () => {
  /** Accepts a WebSocket whose ticket the gateway knows, and refuses another with a close. */
  async function startRedeeming(t) {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await new Promise((resolve) => server.once("listening", resolve));
    server.on("connection", async (socket, { url }) => {
      const { result } = await gateway.api("redeem", { ticket: new URL(url, "http://x").searchParams.get("ticket"), origin: null });
      if (!result?.user) return socket.close(1008, "NOT_AUTHORIZED");
      socket.send(`hello ${result.user}`);
    });
    t.after(() => server.close());
    return `ws://127.0.0.1:${server.address().port}/socket?room=7`;
  }

  test("its sockets open, and its refusals are hard", async (t) => {
    const url = await startRedeeming(t);
    const { seen, options } = client({ token: gateway.jwt({ sub: "u3", sessionId: "s3", life: 600 }), tunnel: false, gateway: gateway.http });
    const socket = new UsherSocket(url, [], options);
    t.after(() => socket.close());
    assert.equal((await heard(socket, "message")).data, "hello u3");
    assert.deepEqual(seen.calls, ["/auth/ticket"]);

    const guest = client({ tunnel: false, gateway: gateway.http });
    const refused = new UsherSocket(url, [], guest.options);
    const { code, reason } = await heard(refused, "close");
    assert.deepEqual([code, reason, guest.seen.calls], [1008, "NOT_AUTHORIZED", ["/auth/token", "/auth/ticket"]]);
  });
});

describe("ticketWebSocket", () => {
  test("reconnecting-websocket comes back after a loss, and asks for nothing after a hard failure", async (t) => {
    const ReconnectingWebSocket = require("reconnecting-websocket");
    const token = gateway.jwt({ sub: "u2", sessionId: "s-eager", life: 600 });
    const { seen, options } = client({ token });
    const Impl = ticketWebSocket(options);
    const socket = new ReconnectingWebSocket(`${gateway.ws}/board`, [], { WebSocket: Impl, minReconnectionDelay: 1, maxReconnectionDelay: 1, connectionTimeout: 20_000 });
    t.after(() => socket.close());
    const opened = () => new Promise((resolve) => socket.addEventListener("open", resolve));
    await opened();
    upstream.live.at(-1).terminate();
    await opened();
    const closes = new Promise((resolve) => {
      let count = 0;
      socket.addEventListener("close", () => ++count === 20 && resolve());
    });
    await gateway.api("revoke", { session: "s-eager" });
    await closes;
    assert.deepEqual(Impl.failure, { code: 3520, reason: "SESSION_REVOKED" });
    assert.deepEqual(seen.calls, ["/auth/ticket", "/auth/ticket"]);
    assert.equal(seen.lines.filter((line) => line.includes("Hard failure")).length, 1);
  });

  test("graphql-ws asks its question", async (t) => {
    const { options } = client();
    const graphql = require("graphql-ws").createClient({ url: `${gateway.ws}/graphql`, webSocketImpl: ticketWebSocket(options) });
    t.after(() => graphql.dispose());
    assert.deepEqual((await graphql.iterate({ query: "{ hello }" }).next()).value, { data: { hello: "world" } });
    assert.equal(upstream.requests.at(-1).headers["sec-websocket-protocol"], "graphql-transport-ws");
  });

  test("a class stays closed for a guest whom the door does not want", async () => {
    const { seen, options } = client();
    const Impl = ticketWebSocket(options);
    for (let n = 0; n < 3; n++) {
      const { code, reason } = await heard(new Impl(`${gateway.ws}/members`), "close");
      assert.deepEqual([code, reason], [1008, "NOT_AUTHORIZED"]);
    }
    assert.deepEqual(seen.calls, ["/auth/token", "/auth/ticket"]);
  });
});
