// The success timeline and the rows of the failure table: what a page's console says, word for word, and what is
// asked for afterwards.
import assert from "node:assert/strict";
import { describe } from "node:test";
import { kSuccess, until, useStage } from "./stage.js";

const test = useStage();
const kQuietMs = 10_000;

async function hard(tab, lines, failure) {
  await until(async () => (await tab.seen()).failures.length > 0, "the failure");
  assert.deepEqual(await tab.asksFor(kQuietMs), []);
  assert.deepEqual(tab.lines, lines);
  assert.equal(await tab.status(), "disconnected");
  assert.deepEqual((await tab.seen()).failures, [failure]);
}

// Most of their time is quiet: together.
describe("the failure table", { concurrency: 6 }, () => {
  test("a guest connects, says so in five lines, and gets what the backend publishes", async (stage) => {
    const tab = await stage.open();
    await tab.start({}, ["chat:room"]);
    await tab.becomes("connected");
    assert.deepEqual(tab.lines, kSuccess);
    assert.deepEqual(tab.asked, ["POST /auth/token", "POST /auth/ticket", "WebSocket /ws"]);
    assert.deepEqual((await tab.seen()).statuses, ["connecting", "connected"]);

    await stage.gateway.api("publish", { channel: "chat:room", data: { text: "grüße \u{1F44B}" } });
    await until(async () => (await tab.seen()).messages.length === 1, "the message");
    assert.deepEqual((await tab.seen()).messages, [{ channel: "chat:room", data: { text: "grüße \u{1F44B}" }, offset: 1 }]);
  });

  test("a page of a foreign origin reads its 403 and stops", async (stage) => {
    const tab = await stage.open({ origin: stage.foreign.origin });
    await tab.start();
    await hard(tab, [
      "[WS] Ensuring JWT token exists...",
      "[WS] Failed to connect HttpErrorResponse { status: 403, error: { code: 'ORIGIN_BLOCKED' } }",
      "[WS] Hard failure - auth error { status: 403, code: 'ORIGIN_BLOCKED' }",
      "[WS] Token request failed: 403 FORBIDDEN - stopping reconnect",
    ], { status: 403, reason: "ORIGIN_BLOCKED" });
  });

  test("a page of a foreign origin with a token of its own gets its preflight answered and reads its 403", async (stage) => {
    const tab = await stage.open({ origin: stage.foreign.origin });
    await tab.start({ token: stage.gateway.jwt({ sessionId: "s1", life: 3600 }) });
    await hard(tab, [
      ...kSuccess.slice(0, 3),
      "[WS] Failed to connect HttpErrorResponse { status: 403, error: { code: 'ORIGIN_BLOCKED' } }",
      "[WS] Hard failure - auth error { status: 403, code: 'ORIGIN_BLOCKED' }",
      "[WS] Ticket request failed: 403 FORBIDDEN - stopping reconnect",
    ], { status: 403, reason: "ORIGIN_BLOCKED" });
  });

  test("a socket from a foreign origin is closed with a reason that the client obeys", async (stage) => {
    const { token } = await stage.gateway.guest();
    const ticket = await stage.gateway.ticket(token);
    const tab = await stage.open({ origin: stage.foreign.origin });
    await tab.page.evaluate(([url, given]) => window.start({
      url, token: "any", fetch: async () => new Response(JSON.stringify({ ticket: given, expires_in: 30 })),
    }), [stage.gateway.http, ticket]);
    await hard(tab, [
      ...kSuccess.slice(0, 4),
      "[WS] Disconnected { code: 1008, reason: 'ORIGIN_BLOCKED', wasClean: true }",
      "[WS] Hard failure - stopping reconnect { code: 1008, reason: 'ORIGIN_BLOCKED', wasClean: true }",
    ], { code: 1008, reason: "ORIGIN_BLOCKED" });
    await stage.logged(/WS: Rejected - origin blocked \{ originHost: '127\.0\.0\.1/);
  });

  test("a token without a session stops the client at once", async (stage) => {
    const tab = await stage.open();
    await tab.start({ token: stage.gateway.jwt({ sub: "somebody", life: 3600 }) });
    await hard(tab, [
      ...kSuccess.slice(0, 3),
      "[WS] Failed to connect HttpErrorResponse { status: 401, error: { code: 'MISSING_SESSION' } }",
      "[WS] Hard failure - auth error { status: 401, code: 'MISSING_SESSION' }",
      "[WS] Ticket request failed: 401 UNAUTHORIZED - stopping reconnect",
    ], { status: 401, reason: "MISSING_SESSION" });
  });

  test("a forged token is refused twice, by the gateway and by whoever has no fresh one", async (stage) => {
    const token = stage.gateway.jwt({ sessionId: "s1", life: 3600 });
    const tab = await stage.open();
    await tab.start({ token: `${token.slice(0, -8)}AAAAAAAA` });
    await hard(tab, [
      ...kSuccess.slice(0, 3),
      "[Auth] Received 401 INVALID_TOKEN, refreshing token...",
      "[WS] Failed to connect HttpErrorResponse { status: 401 }",
      "[WS] Hard failure - auth error { status: 401 }",
      "[WS] Token request failed: 401 UNAUTHORIZED - stopping reconnect",
    ], { status: 401, reason: "" });
  });

  test("a guest's token that was corrupted in the storage is replaced once, and all is well", async (stage) => {
    const tab = await stage.open();
    await tab.start();
    await tab.becomes("connected");
    await tab.page.evaluate(() => {
      const [key] = Object.keys(localStorage);
      const stored = JSON.parse(localStorage[key]);
      localStorage[key] = JSON.stringify({ ...stored, token: `${stored.token.slice(0, -8)}AAAAAAAA` });
    });
    tab.lines.length = 0;
    await tab.load();
    await tab.start();
    await tab.becomes("connected");
    assert.deepEqual(tab.lines, [
      ...kSuccess.slice(0, 3), "[Auth] Received 401 INVALID_TOKEN, refreshing token...", ...kSuccess.slice(1),
    ]);
  });

  test("a 503 is said in its own words, the next attempt has a new ticket, and it connects", async (stage) => {
    const tab = await stage.open();
    let refusals = 1;
    await tab.page.route("**/auth/ticket", (route) => (refusals-- <= 0 ? route.continue() : route.fulfill({
      status: 503,
      headers: { "Access-Control-Allow-Origin": stage.pages.origin, "Access-Control-Expose-Headers": "Retry-After" },
      contentType: "application/problem+json",
      body: JSON.stringify({ title: "Service Unavailable", status: 503, code: "STORE_UNAVAILABLE" }),
    })));
    await tab.start();
    await tab.becomes("connected");
    const [delay] = tab.lines.splice(5, 1);
    assert.match(delay, /^\[WS\] Reconnecting in (18[7-9]|19\d|2\d\d|30\d|31[0-2])ms \(attempt 1\)$/);
    assert.deepEqual(tab.lines, [
      ...kSuccess.slice(0, 3),
      "[WS] Failed to connect HttpErrorResponse { status: 503, error: { code: 'STORE_UNAVAILABLE' } }",
      "[WS] Soft failure - service unavailable (503), will retry",
      ...kSuccess,
    ]);
    assert.equal(tab.counted("POST /auth/ticket"), 2);
  });

  test("while nobody answers it backs off, and connects when the gateway is there again", async (stage) => {
    const tab = await stage.open();
    const { token } = await stage.gateway.guest();
    await stage.kill();
    await tab.start({ token });
    await until(() => tab.lines.filter((line) => line.startsWith("[WS] Reconnecting")).length === 3, "three failures");
    const failed = [...kSuccess.slice(0, 3), "[WS] Failed to connect NetworkError", "[WS] Soft failure - network error, will retry"];
    const delays = tab.lines.filter((line) => line.startsWith("[WS] Reconnecting"));
    assert.deepEqual(tab.lines.slice(0, 18), delays.flatMap((delay) => [...failed, delay]));
    for (const [n, line] of delays.entries()) {
      const [, ms, attempt] = line.match(/^\[WS\] Reconnecting in (\d+)ms \(attempt (\d+)\)$/).map(Number);
      assert.equal(attempt, n + 1);
      assert.ok(ms >= Math.floor(187.5 * 2 ** n) && ms <= 312.5 * 2 ** n, line);
    }
    await stage.restart();
    await tab.becomes("connected");
    assert.deepEqual(tab.lines.slice(-5), kSuccess);
    const attempts = tab.lines.filter((line) => line === kSuccess[0]).length;
    assert.equal(tab.counted("POST /auth/ticket"), attempts);
  });
});
