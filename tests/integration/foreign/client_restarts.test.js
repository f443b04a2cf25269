// usher-client in Node outlives a gateway that is killed and started again at random moments, USHER_RESTARTS times, and
// asks for no more than it has to. (The C++ client's turn: tests/faults/test_client_restarts.py.)
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import WebSocket from "ws";
import { startGateway, until } from "./gateway.js";
import { loadClient } from "./usher_client.js";

const kRestarts = Number(process.env.USHER_RESTARTS ?? 20);
const kSeed = Number(process.env.USHER_SEED ?? Date.now() % 2 ** 31);

/** Numbers that a seed repeats (mulberry32). */
function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One for each attempt that had a token, and one for each 401 refresh that brought one. */
function ticketRequestsThatAreDue(lines) {
  let due = 0;
  let refreshed = false;
  for (const line of lines) {
    if (line.startsWith("[WS] Ensuring")) refreshed = false;
    if (line.startsWith("[Auth] Received 401")) {
      assert.ok(!refreshed, "refreshed twice in one attempt");
      refreshed = true;
    }
    if (line === "[WS] JWT ready") due += 1;
  }
  return due;
}

describe("usher-client in Node", { concurrency: 2 }, () => {
  for (const secret of ["kept", "changed"]) {
    test(`${kRestarts} restarts, secret ${secret} (USHER_SEED=${kSeed}): connected in the end, no call too many`, async () => {
      const { createClient } = await loadClient();
      const random = dice(kSeed);
      const lines = [];
      const calls = { "/auth/token": 0, "/auth/ticket": 0 };
      const secrets = new Set();
      const logs = [];
      let gateway = await startGateway();
      const client = createClient({
        url: gateway.http,
        WebSocket,
        logger: Object.fromEntries(["log", "warn", "error"].map((level) => [level, (line) => lines.push(line)])),
        fetch: async (url, init) => {
          calls[new URL(url).pathname] += 1;
          const response = await fetch(url, init);
          const { token, ticket } = await response.clone().json().catch(() => ({}));
          for (const text of [token, ticket]) if (text) secrets.add(text);
          return response;
        },
      });
      const received = [];
      client.subscribe("chat:kept", (data) => received.push(data));
      client.connect();
      try {
        // It has a token, then, that will be refused.
        if (secret === "changed") await until(() => client.status === "connected", "the client to connect");
        for (let n = 0; n < kRestarts; ++n) {
          await pause(random() * 500);  // the fault's own moment, not a wait
          const exited = new Promise((resolve) => gateway.child.once("exit", resolve));
          gateway.child.kill("SIGKILL");
          await exited;
          logs.push(gateway.log);
          await gateway.stop();
          await pause(random() * 200);
          const options = secret === "changed" ? { secret: `secret number ${n}, of 32 bytes or more, no doubt` } : {};
          gateway = await startGateway({ listen: gateway.address, ...options });
        }
        await until(() => client.status === "connected", () => `the client to be back: ${lines.slice(-10).join("\n")}`);
        await until(async () => {
          await gateway.api("publish", { channel: "chat:kept", data: "after" });
          return received.includes("after");
        }, "the subscription to be there again");
      } finally {
        client.disconnect();
        await gateway.stop();
      }
      logs.push(gateway.log);
      assert.equal(client.failure, null);
      assert.equal(calls["/auth/ticket"], ticketRequestsThatAreDue(lines));
      const seen = logs.join("\n");
      const answered = (seen.match(/\[WSTicket\] Ticket generated|route: 'ticket'/g) ?? []).length;
      assert.ok(answered <= calls["/auth/ticket"], "the gateway was asked by somebody else, too");
      const refreshes = lines.filter((line) => line.startsWith("[Auth] Received 401 INVALID_TOKEN")).length;
      if (secret === "kept") assert.deepEqual([calls["/auth/token"], refreshes].map((n) => n > 0), [true, false]);
      else assert.ok(refreshes > 0);
      for (const text of secrets) assert.ok(!seen.includes(text) && !lines.join("\n").includes(text), "a secret in a log");
    });
  }
});
