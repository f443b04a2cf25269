// The row of a store that can't be reached, with a real one that goes away and comes back.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { kSuccess, until, useStage } from "./stage.js";

const folder = mkdtempSync(join(tmpdir(), "usher-browser-redis-"));
const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port: free } = probe.address();
    probe.close(() => resolve(free));
  });
});
let redis = null;

async function startRedis() {
  redis = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]);
  for await (const chunk of redis.stdout) if (String(chunk).includes("Ready to accept connections")) return;
}

async function stopRedis() {
  if (!redis) return;
  const exited = once(redis, "exit");
  redis.kill("SIGKILL");
  await exited;
  redis = null;
}

const config = `[engine]\ntype = "redis"\n[redis]\nurl = "redis://127.0.0.1:${port}"\n`;
await startRedis();
const stage = useStage({ config, mayRefuse: /engine\.type = "redis" is not built yet/ });
after(async () => {
  await stopRedis();
  rmSync(folder, { recursive: true, force: true });
});

test("a store that is down is a soft failure, and the client connects when it is back", async (t) => {
  if (stage.refused) return t.skip("this gateway has no redis engine");
  const { token } = await stage.gateway.guest();
  const tab = await stage.open();
  await stopRedis();
  await tab.start({ token });
  await until(() => tab.lines.some((line) => line.startsWith("[WS] Reconnecting")), "the first failure");
  assert.deepEqual(tab.lines.slice(0, 5), [
    ...kSuccess.slice(0, 3),
    "[WS] Failed to connect HttpErrorResponse { status: 503, error: { code: 'STORE_UNAVAILABLE' } }",
    "[WS] Soft failure - service unavailable (503), will retry",
  ]);
  assert.match(tab.lines[5], /^\[WS\] Reconnecting in \d+ms \(attempt 1\)$/);
  await startRedis();
  await tab.becomes("connected");
  assert.deepEqual(tab.lines.slice(-5), kSuccess);
});
