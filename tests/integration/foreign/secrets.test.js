import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoneIn, secretsIn } from "./secrets.js";

const kToken = "eyJhbGciOiJIUzI1NiJ9.eyJzaWQiOiJhIn0.c2lnbmF0dXJl";
const kTicket = "0123456789abcdef0123456789abcdef";

test("tokens and tickets are found wherever they travel", () => {
  assert.deepEqual(secretsIn(`Bearer ${kToken}`), [kToken]);
  assert.deepEqual(secretsIn(JSON.stringify({ ticket: kTicket, expires_in: 30 })), [kTicket]);
  assert.deepEqual(secretsIn(`ws://127.0.0.1:1/ws?ticket=${kTicket}`), [kTicket]);
  assert.deepEqual(secretsIn(undefined), []);
  assert.deepEqual(secretsIn(`{"code":"X","trace_id":"${kTicket}"}`), []);
});

test("a log that holds one is told from one that does not", () => {
  assertNoneIn("info [WS] Connected", [kToken, kTicket], "a log");
  assert.throws(() => assertNoneIn(`GET /ws?ticket=${kTicket}`, [kToken, kTicket], "a log"), /a log holds 012345…/);
});
