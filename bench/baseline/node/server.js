// usher's job as people do it on Node today: express for token and ticket, jsonwebtoken, a Map or Redis for the tickets, and
// `ws` for the sockets. It does what the origin document asks for: a token that names a session, a ticket that opens one
// socket, is redeemed in one atomic step and bound to its Origin, personal channels, and messages pushed to channels.
//
// It does less than usher: no rate limits, revocation, history, recovery, presence, heartbeat or limits on slow consumers.
//
//   PORT=8080 JWT_SECRET_FILE=jwt.secret API_KEY_FILE=api.key [REDIS_URL=redis://127.0.0.1:6379] [ORIGINS=https://a,https://b]
const { createHash, createSecretKey, randomBytes, randomUUID, timingSafeEqual } = require("node:crypto");
const { readFileSync } = require("node:fs");
const http = require("node:http");
const express = require("express");
const Redis = require("ioredis");
const jwt = require("jsonwebtoken");
const { WebSocketServer } = require("ws");

const TICKET_TTL_S = 30;
// A KeyObject: given the bytes, jsonwebtoken 9 tries to read them as a public key first, at 450 µs a call.
const secret = createSecretKey(readFileSync(process.env.JWT_SECRET_FILE));
const apiKey = process.env.API_KEY_FILE ? readFileSync(process.env.API_KEY_FILE, "utf8").trim() : null;
const origins = new Set((process.env.ORIGINS ?? "").split(",").filter(Boolean));

// ---- tickets: a random name for what the connection will need, good once ----

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

class MemoryTickets {
  #tickets = new Map();
  async put(ticket, grant) {
    this.#tickets.set(sha256(ticket), { grant, until: Date.now() + TICKET_TTL_S * 1000 });
  }
  async redeem(ticket) {
    const key = sha256(ticket);
    const found = this.#tickets.get(key);
    this.#tickets.delete(key);
    return found && found.until > Date.now() ? found.grant : null;
  }
  sweep() {
    const now = Date.now();
    for (const [key, { until }] of this.#tickets) if (until <= now) this.#tickets.delete(key);
  }
}

class RedisTickets {
  #redis = new Redis(process.env.REDIS_URL);
  async put(ticket, grant) {
    await this.#redis.set(`ticket:${sha256(ticket)}`, JSON.stringify(grant), "EX", TICKET_TTL_S);
  }
  async redeem(ticket) {
    const grant = await this.#redis.getdel(`ticket:${sha256(ticket)}`);
    return grant && JSON.parse(grant);
  }
}

const tickets = process.env.REDIS_URL ? new RedisTickets() : new MemoryTickets();
if (tickets.sweep) setInterval(() => tickets.sweep(), 1000).unref();

// ---- HTTP: token, ticket, publish ----

const fail = (response, status, code) => response.status(status).json({ title: http.STATUS_CODES[status], status, code });

function bearer(request, response, next) {
  const match = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "");
  if (!match) return fail(response, 401, "MISSING_AUTH");
  try {
    request.claims = jwt.verify(match[1], secret, { algorithms: ["HS256"], clockTolerance: 30 });
  } catch (error) {
    return fail(response, 401, error.name === "TokenExpiredError" ? "TOKEN_EXPIRED" : "INVALID_TOKEN");
  }
  if (!request.claims.sessionId) return fail(response, 401, "MISSING_SESSION");
  next();
}

function checkOrigin(request, response, next) {
  const { origin } = request.headers;
  if (origin && !origins.has(origin)) return fail(response, 403, "ORIGIN_BLOCKED");
  if (origin) response.set({ "Access-Control-Allow-Origin": origin, Vary: "Origin" });
  next();
}

function backend(request, response, next) {
  const given = Buffer.from(sha256(request.headers["x-api-key"] ?? ""));
  if (!apiKey || !timingSafeEqual(given, Buffer.from(sha256(apiKey)))) return fail(response, 401, "INVALID_TOKEN");
  next();
}

const app = express();
app.disable("x-powered-by");
app.use(express.json({ limit: "64kb" }));
app.post("/auth/token", checkOrigin, (request, response) => {
  const sessionId = `sess_${randomUUID()}`;
  const token = jwt.sign({ sessionId, guest: true }, secret, { algorithm: "HS256", expiresIn: "24h", issuer: "usher" });
  response.set("Cache-Control", "no-store").json({ token, session_id: sessionId, expires_in: 86400 });
});
app.post("/auth/ticket", checkOrigin, bearer, async (request, response) => {
  const { sessionId, sub, channels, exp } = request.claims;
  const ticket = randomBytes(16).toString("hex");
  try {
    await tickets.put(ticket, { sessionId, user: sub, channels, exp, origin: request.headers.origin });
  } catch {
    return fail(response, 503, "STORE_UNAVAILABLE");
  }
  console.log(`info [WSTicket] Ticket generated { hasUserId: ${Boolean(sub)}, ttl: ${TICKET_TTL_S} }`);
  response.set("Cache-Control", "no-store").json({ ticket, expires_in: TICKET_TTL_S });
});
app.post("/api/publish", backend, (request, response) => {
  const { channel, data } = request.body;
  publish(channel, data);
  response.json({ result: {} });
});

// ---- sockets ----

const subscribers = new Map(); // channel -> Set of sockets

function subscribe(socket, channel) {
  if (!subscribers.has(channel)) subscribers.set(channel, new Set());
  subscribers.get(channel).add(socket);
  socket.channels.push(channel);
}

function leave(socket) {
  for (const channel of socket.channels) {
    const members = subscribers.get(channel);
    members?.delete(socket);
    if (members?.size === 0) subscribers.delete(channel);
  }
  console.log("info websocket_disconnected");
}

function publish(channel, data) {
  const frame = JSON.stringify({ push: { channel, pub: { data } } });
  for (const socket of subscribers.get(channel) ?? []) socket.send(frame);
}

const server = http.createServer(app);
const sockets = new WebSocketServer({ noServer: true, maxPayload: 65536 });

server.on("upgrade", async (request, socket, head) => {
  const url = new URL(request.url, "http://gateway");
  if (url.pathname !== "/ws") return socket.destroy();
  const { origin } = request.headers;
  const refuse = (code, reason) => sockets.handleUpgrade(request, socket, head, (client) => client.close(code, reason));
  if (origin && !origins.has(origin)) return refuse(1008, "ORIGIN_BLOCKED");
  let grant;
  try {
    grant = await tickets.redeem(url.searchParams.get("ticket") ?? "");
  } catch {
    return refuse(1013, "STORE_UNAVAILABLE");
  }
  if (!grant || (grant.origin && grant.origin !== origin)) return refuse(1008, "NOT_AUTHORIZED");
  sockets.handleUpgrade(request, socket, head, (client) => {
    client.channels = [];
    client.on("error", () => {});
    client.on("close", () => leave(client));
    const wanted = [`session:${grant.sessionId}`, ...(grant.user ? [`user:${grant.user}`] : []), ...(grant.channels ?? [])];
    for (const channel of wanted) subscribe(client, channel);
    const subs = Object.fromEntries(wanted.map((channel) => [channel, {}]));
    client.send(JSON.stringify({ push: { connect: { client: randomUUID(), session: grant.sessionId, subs } } }));
    console.log(`info websocket_connected { hasUserId: ${Boolean(grant.user)} }`);
  });
});

server.keepAliveTimeout = 60_000; // as usher's; Node's 5 s would end connections under the load
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => console.log(`listening ${server.address().port}`));
