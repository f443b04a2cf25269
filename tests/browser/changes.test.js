// The rows of the failure table with the gateway really changed under a connected page: another secret, another session
// claim, another list of origins, a store that fails, a process that is gone. The console's lines word for word, the
// final status, and what is asked for in the ten seconds afterwards, counted at a proxy.
import assert from "node:assert/strict";
import { describe } from "node:test";
import { kSuccess, until, useStage } from "./stage.js";

const test = useStage();
const testDev = useStage({ gateway: { args: ["--dev"] } });
const kQuietMs = 10_000;
const kElsewhere = ["https://other.example"];
const kLost = "[WS] Disconnected { code: 1006, reason: '', wasClean: false }";
const kAnnounced = /^\[WS\] Reconnecting in \d+ms \(attempt (\d+)\)$/;

const refused = (status, code, phrase) => [
  `[WS] Failed to connect HttpErrorResponse { status: ${status}, error: { code: '${code}' } }`,
  `[WS] Hard failure - auth error { status: ${status}, code: '${code}' }`,
  `[WS] Ticket request failed: ${status} ${phrase} - stopping reconnect`,
];
const closed = (code, reason) => {
  const close = `{ code: ${code}, reason: '${reason}', wasClean: true }`;
  return [`[WS] Disconnected ${close}`, `[WS] Hard failure - stopping reconnect ${close}`];
};

/** A page that is connected through a proxy, with a token that its application gave it. */
async function connected(stage, options) {
  const proxy = await stage.startProxy();
  const tab = await stage.open();
  await tab.start({ url: proxy.url, token: stage.gateway.jwt({ sessionId: "s1", life: 3600 }), ...options });
  await tab.becomes("connected");
  assert.deepEqual(tab.lines, kSuccess);
  tab.lines.length = 0;
  return { proxy, tab };
}

/** Exchanges the gateway; the page notices when all is changed. */
async function exchange(stage, proxy, options) {
  proxy.hold();
  await stage.kill();
  await stage.restart(options);
  proxy.cut();
}

async function stops(proxy, tab, lines, failure) {
  await until(async () => (await tab.seen()).failures.length > 0, () => `the failure: ${tab.lines.join("\n")}`);
  const before = proxy.requests.length;
  assert.deepEqual(await tab.asksFor(kQuietMs), []);
  assert.deepEqual(proxy.requests.slice(before), []);
  const [lost, announced, ...rest] = tab.lines;
  assert.equal(lost, kLost);
  assert.equal(announced.match(kAnnounced)?.[1], "1");
  assert.deepEqual(rest, lines);
  assert.equal(await tab.status(), "disconnected");
  assert.deepEqual((await tab.seen()).failures, [failure]);
}

/** Ten seconds of failed attempts, then the mending. `least`, `most`: how many attempts these seconds may hold. */
async function returns(proxy, tab, attempt, [least, most], mend) {
  const before = proxy.requests.length;
  await tab.asksFor(kQuietMs);
  const asked = proxy.requests.slice(before).filter((what) => !what.startsWith("OPTIONS"));
  assert.ok(asked.every((what) => what === "POST /auth/ticket"), asked.join());
  const tried = tab.lines.filter((line) => line === kSuccess[2]).length;
  assert.ok(tried >= least && tried <= most, `${tried} attempts: ${tab.lines.join("\n")}`);
  await mend();
  await tab.becomes("connected");
  assert.equal(tab.lines[0], kLost);
  assert.deepEqual(tab.lines.slice(-5), kSuccess);
  const between = tab.lines.slice(1, -5);
  for (let n = 0; between.length > 0; ++n) {
    assert.equal(between.shift().match(kAnnounced)?.[1], String(n + 1));
    if (between.length > 0) assert.deepEqual(between.splice(0, attempt.length), attempt);
  }
  return asked;
}

// Most of their time is quiet: together.
describe("a gateway that was changed", { concurrency: 8 }, () => {
  test("another secret stops the page", async (stage) => {
    const { proxy, tab } = await connected(stage);
    await exchange(stage, proxy, { secret: "another secret than the one before, of 32 bytes" });
    // What an application gives may come from a cache of its own, so it is asked once more; this one has no other.
    await stops(proxy, tab, [
      ...kSuccess.slice(0, 3), "[Auth] Received 401 INVALID_TOKEN, refreshing token...",
      "[WS] Failed to connect HttpErrorResponse { status: 401 }", "[WS] Hard failure - auth error { status: 401 }",
      "[WS] Token request failed: 401 UNAUTHORIZED - stopping reconnect",
    ], { status: 401, reason: "" });
  });

  test("another secret costs a guest one refresh", async (stage) => {
    const { proxy, tab } = await connected(stage, { token: undefined });
    await exchange(stage, proxy, { secret: "another secret than the one before, of 32 bytes" });
    await until(() => tab.lines.at(-1) === kSuccess.at(-1), () => `the connection: ${tab.lines.join("\n")}`);
    assert.deepEqual(tab.lines.slice(2), [
      ...kSuccess.slice(0, 3), "[Auth] Received 401 INVALID_TOKEN, refreshing token...", ...kSuccess.slice(1),
    ]);
  });

  test("another session claim stops the page", async (stage) => {
    const { proxy, tab } = await connected(stage);
    await exchange(stage, proxy, { sessionClaim: "device" });
    await stops(proxy, tab, [...kSuccess.slice(0, 3), ...refused(401, "MISSING_SESSION", "UNAUTHORIZED")],
      { status: 401, reason: "MISSING_SESSION" });
  });

  test("another list of origins stops the page", async (stage) => {
    const { proxy, tab } = await connected(stage);
    await exchange(stage, proxy, { origins: kElsewhere });
    await stops(proxy, tab, [...kSuccess.slice(0, 3), ...refused(403, "ORIGIN_BLOCKED", "FORBIDDEN")],
      { status: 403, reason: "ORIGIN_BLOCKED" });
  });

  test("another list of origins, between ticket and socket, stops the page", async (stage) => {
    const { proxy, tab } = await connected(stage);
    proxy.socketBackend = (await stage.start({ origins: kElsewhere })).address;
    proxy.cut();
    await stops(proxy, tab, [...kSuccess.slice(0, 4), ...closed(1008, "ORIGIN_BLOCKED")],
      { code: 1008, reason: "ORIGIN_BLOCKED" });
  });

  test("a ticket that somebody was quicker with stops the page", async (stage) => {
    const { proxy, tab } = await connected(stage);
    proxy.onTicket = (ticket) => stage.redeem(ticket);
    proxy.cut();
    await stops(proxy, tab, [...kSuccess.slice(0, 4), ...closed(1008, "NOT_AUTHORIZED")],
      { code: 1008, reason: "NOT_AUTHORIZED" });
    await stage.logged(/WS: Rejected - ticket replayed/);
  });

  test("a gateway that is gone is tried again with backoff", async (stage) => {
    const { proxy, tab } = await connected(stage);
    await stage.kill();
    await returns(proxy, tab, [
      ...kSuccess.slice(0, 3), "[WS] Failed to connect NetworkError", "[WS] Soft failure - network error, will retry",
    ], [4, 6], () => stage.restart());
  });

  testDev("a store that fails is tried again with backoff, not before its Retry-After", async (stage) => {
    const { proxy, tab } = await connected(stage);
    const setDown = async (down) => {
      const answer = await fetch(`${stage.gateway.http}/dev/faults`, {
        method: "POST", headers: { Origin: stage.gateway.http }, body: JSON.stringify({ store_down: down }),
      });
      assert.equal(answer.status, 200);
    };
    await setDown(true);
    proxy.cut();
    const asked = await returns(proxy, tab, [
      ...kSuccess.slice(0, 3),
      "[WS] Failed to connect HttpErrorResponse { status: 503, error: { code: 'STORE_UNAVAILABLE' } }",
      "[WS] Soft failure - service unavailable (503), will retry",
    ], [3, 5], () => setDown(false));
    assert.ok(asked.length >= 3 && asked.length <= 5, asked.join());
  });
});
