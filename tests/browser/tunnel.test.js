// UsherSocket and the class of ticketWebSocket in Chromium, through the gateway's tunnel to a WebSocket server of the application.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after } from "node:test";
import { kGatewayName, kSuccess, until, useStage } from "./stage.js";

const { WebSocketServer } = createRequire(new URL("../integration/package.json", import.meta.url))("ws");

const live = [];
const upstream = new WebSocketServer({ host: "127.0.0.1", port: 0 });
upstream.on("connection", (socket) => {
  live.push(socket);
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
await new Promise((resolve) => upstream.once("listening", resolve));
after(() => {
  for (const socket of live) socket.terminate();
  upstream.close();
});

const url = `http://127.0.0.1:${upstream.address().port}/`;
const door = (name, where, who = "anyone") => `[[upstreams]]\nname = "${name}"\npath = "/${name}"\nurl = "${where}"\nwho = "${who}"\n`;
// Nothing listens on the discard port.
const test = useStage({ gateway: { config: door("board", url) + door("members", url, "users") + door("down", "http://127.0.0.1:9/") } });

const openSocket = (stage, tab, path, protocols = [], options = {}) =>
  tab.page.evaluate((given) => void openSocket(...given), [stage.gateway.http + path, protocols, options]);
const events = (tab) => tab.page.evaluate("one.events");
const said = (tab, count) => until(async () => (await events(tab)).length >= count, async () => JSON.stringify(await events(tab)));

test("text and bytes pass, and the page's console has the five lines", async (stage) => {
  const tab = await stage.open();
  await openSocket(stage, tab, "/board?room=7", ["chat.v1"], { queue: 1 });
  await tab.page.evaluate('one.socket.send("queued")');
  await said(tab, 1);
  assert.deepEqual(await tab.page.evaluate("[one.socket.readyState, one.socket.protocol, one.socket.url.includes('ticket')]"), [1, "chat.v1", false]);
  await tab.page.evaluate(() => {
    one.socket.send(new Uint8Array([1, 2, 3]));
    one.socket.send(new Blob(["a"]));
  });
  await until(() => tab.page.evaluate("one.messages.length === 3"), "three messages");
  await tab.page.evaluate(() => {
    one.socket.binaryType = "arraybuffer";
    one.socket.send(new Uint16Array([513]));
  });
  await until(() => tab.page.evaluate("one.messages.length === 4"), "the fourth message");
  assert.deepEqual(await tab.page.evaluate("one.messages"), ["queued", ["Blob", [1, 2, 3]], ["Blob", [97]], ["ArrayBuffer", [1, 2]]]);
  assert.deepEqual(tab.lines, kSuccess);
  assert.deepEqual(tab.asked, ["POST /auth/token", "POST /auth/ticket", "WebSocket /board"]);
});

test("without subprotocols of its own", async (stage) => {
  const tab = await stage.open();
  await openSocket(stage, tab, "/board");
  await said(tab, 1);
  assert.deepEqual(await tab.page.evaluate("[one.events, one.socket.protocol]"), [["open"], ""]);
});

test("a refused door: closed with its reason, never open, and nothing is asked for afterwards", async (stage) => {
  const tab = await stage.open();
  await openSocket(stage, tab, "/members", ["chat.v1"]);
  await said(tab, 2);
  assert.deepEqual(await events(tab), ["error", ["close", 1008, "NOT_AUTHORIZED", true]]);
  assert.deepEqual(await tab.asksFor(6_000), []);
  assert.deepEqual(tab.lines.slice(4), [
    "[WS] Disconnected { code: 1008, reason: 'NOT_AUTHORIZED', wasClean: true }",
    "[WS] Hard failure - stopping reconnect { code: 1008, reason: 'NOT_AUTHORIZED', wasClean: true }",
  ]);
});

test("a server that is down: no event, and new tickets with backoff", async (stage) => {
  const tab = await stage.open();
  await openSocket(stage, tab, "/down");
  await until(() => tab.counted("WebSocket") >= 3, "three attempts");
  assert.deepEqual(await events(tab), []);
  assert.ok(tab.lines.includes("[WS] Disconnected { code: 1013, reason: 'UPSTREAM_UNAVAILABLE', wasClean: true }"), tab.lines.join("\n"));
});

test("a page of a foreign origin is told", async (stage) => {
  const tab = await stage.open({ origin: stage.foreign.origin });
  await openSocket(stage, tab, "/board");
  await said(tab, 2);
  assert.deepEqual(await events(tab), ["error", ["close", 1008, "ORIGIN_BLOCKED", false]]);
});

test("a lost connection reopens", async (stage) => {
  const tab = await stage.open();
  await openSocket(stage, tab, "/board");
  await said(tab, 1);
  live.at(-1).close(1012, "restart");
  await said(tab, 4);
  assert.deepEqual(await events(tab), ["open", ["lost", 1012, "restart", true], "open", "reopen"]);
});

test("left for another page and shown again from the cache: lost, and back", async (stage) => {
  const tab = await stage.open();
  await openSocket(stage, tab, "/board");
  await said(tab, 1);
  await tab.page.goto(`${stage.pages.origin}/elsewhere`);
  await tab.page.goBack({ waitUntil: "commit" });
  await until(() => tab.page.evaluate("window.seen?.shows.at(-1)"), "the page from the cache");
  await said(tab, 4);
  assert.deepEqual(await events(tab), ["open", ["lost", 1001, "", true], "open", "reopen"]);
});

test("offline while waiting: no attempt until online", async (stage) => {
  const tab = await stage.open();
  const port = stage.gateway.address.split(":").at(-1);
  await tab.page.evaluate((given) => void openSocket(given), `http://${kGatewayName}:${port}/board`);
  await said(tab, 1);
  await stage.context.setOffline(true);
  live.at(-1).close(1012, "restart");
  await said(tab, 2);
  assert.deepEqual(await tab.asksFor(3_000), []);
  await stage.context.setOffline(false);
  await said(tab, 4);
  assert.deepEqual((await events(tab)).slice(2), ["open", "reopen"]);
});

test("the class of ticketWebSocket: after a hard failure nothing leaves the page", async (stage) => {
  const tab = await stage.open();
  await tab.page.evaluate((given) => {
    window.Class = makeClass({});
    openOneOf(Class, given);
  }, `${stage.gateway.ws}/members`);
  await said(tab, 2);
  assert.deepEqual(await events(tab), ["error", ["close", 1008, "NOT_AUTHORIZED", true]]);
  const asked = tab.asked.length;
  for (let n = 0; n < 20; ++n) {
    await tab.page.evaluate((given) => void openOneOf(Class, given), `${stage.gateway.ws}/members`);
    await said(tab, 2);
    assert.deepEqual(await events(tab), ["error", ["close", 1008, "NOT_AUTHORIZED", false]]);
  }
  assert.equal(tab.asked.length, asked);
  assert.deepEqual(await tab.page.evaluate("[Class.failure, one.socket instanceof EventTarget, Class.OPEN]"), [{ code: 1008, reason: "NOT_AUTHORIZED" }, true, 1]);
});
