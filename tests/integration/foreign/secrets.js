// Tokens and tickets by their shape, and that none of them is where it must not be.
import assert from "node:assert/strict";

const kSecret = /eyJ[\w-]+\.[\w-]+\.[\w-]+|(?<![\w-])[0-9a-f]{32}(?![\w-])/g;
const kTraceId = /"trace_id":"[0-9a-f]{32}"/g;

/** The tokens and tickets in a text: a header, a body, a URL. */
export function secretsIn(text) {
  return text ? (text.replace(kTraceId, "").match(kSecret) ?? []) : [];
}

export function assertNoneIn(log, secrets, where) {
  for (const secret of secrets) assert.ok(!log.includes(secret), `${where} holds ${secret.slice(0, 6)}…`);
}
