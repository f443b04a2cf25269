// The npm package `cent.js`, unchanged, as a backend: its calls, and its pipeline in the older form of the server API.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import cent from "cent.js";
import { API_KEY, startGateway, until } from "./gateway.js";
import { connectSdk } from "./sdk.js";

let gateway;
let backend;
before(async () => {
  gateway = await startGateway();
  backend = new cent.CentClient({ url: `${gateway.http}/api`, apiKey: API_KEY });
});
after(() => gateway.stop());

test("publish, broadcast, history and presence reach and see a client", async () => {
  const { sdk } = await connectSdk(gateway);
  const subscription = sdk.newSubscription("chat:cent");
  const seen = [];
  subscription.on("publication", ({ data, tags }) => seen.push([data, tags]));
  subscription.subscribe();
  await subscription.ready(10_000);
  assert.equal((await backend.publish({ channel: "chat:cent", data: { n: 1 }, tags: { a: "b" }, version: 2 })).offset, 1);
  assert.equal((await backend.publish({ channel: "chat:cent", data: { n: 0 }, version: 1 })).offset, 1);
  const { responses } = await backend.broadcast({ channels: ["chat:cent", "chat:other"], data: { n: 2 } });
  assert.deepEqual(responses.map(({ result }) => result.offset), [2, 1]);
  await until(() => seen.length === 2, "both publications");
  assert.deepEqual(seen, [[{ n: 1 }, { a: "b" }], [{ n: 2 }, undefined]]);
  const { publications } = await backend.getHistory({ channel: "chat:cent", limit: 10 });
  assert.deepEqual(publications.map(({ data }) => data), [{ n: 1 }, { n: 2 }]);
  assert.equal(Object.keys((await backend.getPresence({ channel: "chat:cent" })).presence).length, 1);
  assert.deepEqual(await backend.getPresenceStats({ channel: "chat:cent" }), { num_clients: 1, num_users: 1 });
  assert.deepEqual((await backend.getChannels({ pattern: "chat:cent" })).channels, { "chat:cent": { num_clients: 1 } });
  assert.equal((await backend.getInfo()).nodes.length, 1);
  assert.deepEqual(await backend.removeHistory({ channel: "chat:cent" }), {});
  sdk.disconnect();
});

test("it subscribes, unsubscribes and disconnects a client", async () => {
  const { sdk, session } = await connectSdk(gateway);
  const events = [];
  sdk.on("subscribed", ({ channel }) => events.push(`+${channel}`));
  sdk.on("unsubscribed", ({ channel }) => events.push(`-${channel}`));
  sdk.on("disconnected", ({ code }) => events.push(code));
  assert.deepEqual(await backend.subscribe({ session, channel: "chat:given" }), {});
  await until(() => events.includes("+chat:given"), "the subscription");
  assert.deepEqual(await backend.unsubscribe({ session, channel: "chat:given" }), {});
  await until(() => events.includes("-chat:given"), "its end");
  assert.deepEqual(await backend.refresh({ session, expire_at: Math.floor(Date.now() / 1000) + 3600 }), {});
  assert.deepEqual(await backend.disconnect({ session, disconnect: { code: 3999, reason: "over" } }), {});
  await until(() => events.includes(3999), "the close");
});

test("a pipeline is answered in its order", async () => {
  const results = await backend.pipeline([
    { method: "publish", params: { channel: "chat:pipe", data: 1 } },
    { method: "publish", params: { channel: "chat:pipe", data: 2 } },
    { method: "history", params: { channel: "chat:pipe", limit: 10 } },
  ]);
  assert.deepEqual(results.slice(0, 2).map(({ offset }) => offset), [1, 2]);
  assert.deepEqual(results[2].publications.map(({ data }) => data), [1, 2]);
});

test("an error is thrown", async () => {
  await assert.rejects(backend.publish({ channel: "nowhere:1", data: 1 }), cent.CentException);
  await assert.rejects(backend.publish({ channel: "chat:1", data: 1, delta: true }), cent.CentException);
});
