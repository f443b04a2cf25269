// npm's `ws` and `wscat` against the gateway: what the README tells a new user to do.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import WebSocket from "ws";

import { once, startGateway, until } from "./gateway.js";

let gateway;
before(async () => { gateway = await startGateway(); });
after(() => gateway.stop());

async function connect(protocols = []) {
  const guest = await gateway.guest();
  const ticket = await gateway.ticket(guest.token);
  const ws = new WebSocket(`${gateway.ws}/ws?ticket=${ticket}`, protocols);
  const messages = [];
  ws.on("message", (data) => messages.push(...String(data).split("\n").map((line) => JSON.parse(line))));
  await until(() => messages.length > 0, "the connect push");
  return { ws, messages, ticket, session: guest.session_id };
}

test("ws connects, gets the connect push, and what a backend publishes to its session", async () => {
  const { ws, messages, session } = await connect();
  assert.equal(messages[0].push.connect.session, session);
  assert.ok(!("ping" in messages[0].push.connect), "a bare client gets WebSocket pings");
  assert.deepEqual((await gateway.api("publish", { channel: `session:${session}`, data: { hello: "world" } })).result, {});
  await until(() => messages.length > 1, "the publication");
  assert.deepEqual(messages[1].push.pub.data, { hello: "world" });
  ws.close();
});

test("ws negotiates usher.v1.json, and closes cleanly", async () => {
  const { ws, messages } = await connect(["usher.v1.json"]);
  assert.equal(ws.protocol, "usher.v1.json");
  assert.equal(messages[0].push.connect.ping, 25);
  ws.close(1000, "bye");
  const code = await once(ws, "close");
  assert.equal(code, 1000);
});

test("the second use of a ticket is closed with 1008 NOT_AUTHORIZED", async () => {
  const { ws, ticket } = await connect();
  const second = new WebSocket(`${gateway.ws}/ws?ticket=${ticket}`);
  const [code, reason] = await new Promise((resolve) => second.on("close", (...args) => resolve(args)));
  assert.equal(code, 1008);
  assert.equal(String(reason), "NOT_AUTHORIZED");
  ws.close();
});

test("permessage-deflate is offered by ws and not negotiated", async () => {
  const { ws } = await connect();
  assert.equal(ws.extensions, "");
  ws.close();
});

test("wscat prints the connect push and what is published", async () => {
  const guest = await gateway.guest();
  const ticket = await gateway.ticket(guest.token);
  const bin = fileURLToPath(new URL("../node_modules/.bin/wscat", import.meta.url));
  const child = spawn(process.execPath, [bin, "-c", `${gateway.ws}/ws?ticket=${ticket}`], { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => { output += chunk; });
  try {
    await until(() => output.includes('"connect"'), "the connect push");
    await gateway.api("publish", { channel: `session:${guest.session_id}`, data: { hello: "wscat" } });
    await until(() => output.includes('{"hello":"wscat"}'), "the publication");
  } finally {
    child.kill();
  }
});
