// The npm package `centrifuge`, unchanged, on two gateways that share a Redis: what is published at one while the SDK comes
// back to the other arrives, in order and once; and so it does when Redis' pub/sub connections are cut under it.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startGateway, until } from "./gateway.js";
import { startProxy } from "./proxy.js";
import { connectSdk } from "./sdk.js";

const skip = spawnSync("redis-server", ["--version"]).error ? "no redis-server here" : false;
const folder = mkdtempSync(join(tmpdir(), "usher-redis-"));
const socket = join(folder, "redis.sock");
const redis = (...words) => spawnSync("redis-cli", ["-s", socket, ...words], { encoding: "utf8" }).stdout.trim();
let server;
let gateways = [];

before(async () => {
  if (skip) return;
  server = spawn("redis-server", ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder], { stdio: "ignore" });
  await until(() => redis("PING") === "PONG", "redis-server");
  const config = `[engine]\ntype = "redis"\n[redis]\nurl = "unix://${socket}"\n`;
  gateways = await Promise.all([startGateway({ config }), startGateway({ config })]);
  for (const { admin } of gateways) await until(async () => (await fetch(`http://${admin}/readyz`)).ok, "readiness");
});
after(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  server?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

test("an SDK that comes back to the other gateway has missed nothing", { skip }, async () => {
  let at = 0;
  const proxy = await startProxy(() => gateways[at].address);
  const { sdk } = await connectSdk(gateways[0], { url: proxy.url });
  const subscription = sdk.newSubscription("chat:across", { recoverable: true, positioned: true });
  const seen = [];
  const recovered = [];
  subscription.on("publication", ({ data }) => seen.push(data));
  subscription.on("subscribed", (context) => recovered.push(context.recovered));
  subscription.subscribe();
  await subscription.ready(10_000);
  let n = 0;
  for (let round = 0; round < 6; ++round) {
    await gateways[round % 2].api("publish", { channel: "chat:across", data: ++n });
    at = 1 - at;
    proxy.cut();
    for (let i = 0; i < 3; ++i) await gateways[i % 2].api("publish", { channel: "chat:across", data: ++n });
    await until(() => seen.length === n, () => `${n} publications; have ${seen}`);
  }
  assert.deepEqual(seen, Array.from({ length: n }, (_, i) => i + 1));
  assert.deepEqual(recovered.slice(1), recovered.slice(1).map(() => true));
  sdk.disconnect();
  proxy.close();
});

test("an SDK hears nothing of a pub/sub connection that was lost, but all that was published", { skip }, async () => {
  const { sdk } = await connectSdk(gateways[0]);
  const subscription = sdk.newSubscription("chat:cut");
  const seen = [];
  subscription.on("publication", ({ data }) => seen.push(data));
  subscription.subscribe();
  await subscription.ready(10_000);
  let n = 0;
  for (let round = 0; round < 5; ++round) {
    redis("CLIENT", "KILL", "TYPE", "pubsub");
    for (let i = 0; i < 3; ++i) await gateways[1].api("publish", { channel: "chat:cut", data: ++n });
    await until(() => seen.length === n, () => `${n} publications; have ${seen}`);
  }
  assert.deepEqual(seen, Array.from({ length: n }, (_, i) => i + 1));
  assert.equal(subscription.state, "subscribed");
  sdk.disconnect();
});

test("an SDK subscribes again by itself after another life of Redis, and is told of the gap", { skip }, async () => {
  const { sdk } = await connectSdk(gateways[0]);
  const subscription = sdk.newSubscription("chat:life");
  const subscribed = [];
  const seen = [];
  subscription.on("subscribed", (context) => subscribed.push(context));
  subscription.on("publication", ({ data }) => seen.push(data));
  subscription.subscribe();
  await subscription.ready(10_000);
  await gateways[1].api("publish", { channel: "chat:life", data: 1 });
  await until(() => seen.length === 1, "the first");
  redis("FLUSHALL");
  redis("CLIENT", "KILL", "TYPE", "pubsub");
  await until(() => subscribed.length === 2, "a new subscription");
  assert.equal(subscribed[1].wasRecovering, true);
  assert.equal(subscribed[1].recovered, false);
  await gateways[1].api("publish", { channel: "chat:life", data: 2 });
  await until(() => seen.length === 2, "the second");
  sdk.disconnect();
});
