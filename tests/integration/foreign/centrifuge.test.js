// The npm package `centrifuge`, unchanged, against /connection/websocket: connect with tickets, everything that it can do
// with channels, refresh, and coming back after a lost connection.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startGateway, until } from "./gateway.js";
import { startHook } from "./hook.js";
import { startProxy } from "./proxy.js";
import { connectSdk } from "./sdk.js";

let gateway;
const connected = (options) => connectSdk(gateway, options);
before(async () => { gateway = await startGateway(); });
after(() => gateway.stop());

function collect(subscription) {
  const seen = [];
  subscription.on("publication", (context) => seen.push(context.data));
  return seen;
}

test("connects with a ticket and is subscribed to its session by the server", async () => {
  const { sdk, session } = await connected({ connect: false });
  const subscribed = [];
  const published = [];
  sdk.on("subscribed", (context) => subscribed.push(context.channel));
  sdk.on("publication", (context) => published.push(context.data));
  sdk.connect();
  await sdk.ready(10_000);
  await until(() => subscribed.includes(`session:${session}`), "the server-side subscription");
  await gateway.api("publish", { channel: `session:${session}`, data: { n: 1 } });
  await until(() => published.length === 1, "the publication");
  assert.deepEqual(published, [{ n: 1 }]);
  sdk.disconnect();
});

test("subscribe, publish, history, presence, join and leave", async () => {
  const [one, two] = await Promise.all([connected(), connected()]);
  const here = one.sdk.newSubscription("chat:room", { joinLeave: true, positioned: true });
  const seen = collect(here);
  const joined = [];
  const left = [];
  here.on("join", (context) => joined.push(context.info.client));
  here.on("leave", (context) => left.push(context.info.client));
  here.subscribe();
  await here.ready(10_000);
  const there = two.sdk.newSubscription("chat:room");
  there.subscribe();
  await there.ready(10_000);
  await until(() => joined.length > 0, "a join");

  await there.publish({ text: "hi" });
  await gateway.api("publish", { channel: "chat:room", data: { text: "from the backend" } });
  await until(() => seen.length === 2, "both publications");
  assert.deepEqual(seen, [{ text: "hi" }, { text: "from the backend" }]);

  const history = await here.history({ limit: 10 });
  assert.deepEqual(history.publications.map((p) => p.data), seen);
  assert.equal(history.offset, 2);
  const reverse = await here.history({ limit: 1, reverse: true });
  assert.deepEqual(reverse.publications.map((p) => p.data), [seen[1]]);
  const since = await here.history({ limit: 10, since: { offset: 1, epoch: history.epoch } });
  assert.deepEqual(since.publications.map((p) => p.offset), [2]);

  const presence = await here.presence();
  assert.equal(Object.keys(presence.clients).length, 2);
  assert.deepEqual(await here.presenceStats(), { numClients: 2, numUsers: 1 });
  there.unsubscribe();
  await until(() => left.length === 1, "a leave");
  one.sdk.disconnect();
  two.sdk.disconnect();
});

test("rpc without a backend is answered with an error, and the connection stays", async () => {
  const { sdk } = await connected();
  await assert.rejects(sdk.rpc("anything", {}), (error) => error.code === 108);
  assert.equal(sdk.state, "connected");
  sdk.disconnect();
});

test("what is batched leaves in one frame and is answered", async () => {
  const { sdk } = await connected();
  const subscription = sdk.newSubscription("chat:batched");
  const seen = collect(subscription);
  subscription.subscribe();
  await subscription.ready(10_000);
  sdk.startBatching();
  const all = Promise.all([1, 2, 3, 4, 5].map((n) => sdk.publish("chat:batched", n)));
  sdk.stopBatching();
  await all;
  await until(() => seen.length === 5, "all five");
  assert.deepEqual(seen, [1, 2, 3, 4, 5]);
  sdk.disconnect();
});

test("a subscription that is not permitted fails and stays failed", async () => {
  const { sdk } = await connected();
  const subscription = sdk.newSubscription("session:somebody_else");
  const failed = new Promise((resolve) => subscription.on("unsubscribed", resolve));
  subscription.subscribe();
  assert.equal((await failed).code, 103);
  sdk.disconnect();
});

test("after a lost connection it comes back, recovers what was missed, and nobody calls it a replay", async () => {
  const proxy = await startProxy(gateway.address);
  const { sdk, tickets } = await connected({ url: proxy.url });
  const subscription = sdk.newSubscription("chat:recovered");
  const seen = collect(subscription);
  subscription.subscribe();
  await subscription.ready(10_000);
  await gateway.api("publish", { channel: "chat:recovered", data: 1 });
  await until(() => seen.length === 1, "the first");

  const reconnecting = new Promise((resolve) => sdk.once("connecting", resolve));
  proxy.cut();
  await reconnecting;
  for (const n of [2, 3, 4]) await gateway.api("publish", { channel: "chat:recovered", data: n });
  await until(() => seen.length === 4, "what was missed");
  assert.deepEqual(seen, [1, 2, 3, 4]);
  assert.ok(tickets.length >= 1);
  sdk.disconnect();
  proxy.close();
});

test("a token that ends soon is refreshed in band with a new ticket, on the same connection", async () => {
  let life = 2;
  const lives = [];
  const { sdk } = await connectSdk(gateway, {
    connect: false,
    getToken: () => {
      lives.push(life);
      const token = gateway.jwt({ sessionId: "refreshed", life });
      life = 3600;
      return gateway.ticket(token);
    },
  });
  const states = [];
  sdk.on("state", (context) => states.push(context.newState));
  sdk.connect();
  await sdk.ready(10_000);
  await until(() => lives.length === 2, "the refresh");
  // Beyond the first token's end and its grace, with the connection that it opened.
  const grace = Date.now() + 8_000;
  await until(() => Date.now() >= grace, "the grace to be over");
  assert.deepEqual(states, ["connecting", "connected"]);
  assert.deepEqual(lives, [2, 3600]);
  sdk.disconnect();
});

test("rpc, send and publish through the backend's hooks", async () => {
  const hook = await startHook((event, body) => {
    if (event === "usher.publish") return body.data.bad ? { error: { code: 1403, message: "be nice" } } : {};
    if (body.method === "fail") return { error: { code: 1000, message: "not in stock" } };
    return { data: { method: body.method, user: body.user, got: body.data } };
  });
  const hooked = await startGateway({ config: `[hooks]\nrpc_url = "${hook.url}"\npublish_url = "${hook.url}"\n` });
  const { sdk } = await connectSdk(hooked, {});
  try {
    const [sum, nothing] = await Promise.all([sdk.rpc("sum", [1, 2]), sdk.rpc("nothing", null)]);
    assert.deepEqual(sum.data, { method: "sum", user: "", got: [1, 2] });
    assert.deepEqual(nothing.data, { method: "nothing", user: "", got: null });
    await assert.rejects(sdk.rpc("fail", {}), { code: 1000, message: "not in stock" });
    await sdk.send({ typing: true });
    await until(() => hook.events.includes("usher.send"), "the send");
    const room = sdk.newSubscription("chat:hooked");
    const seen = collect(room);
    room.subscribe();
    await room.ready(10_000);
    await room.publish({ text: "hello" });
    await assert.rejects(room.publish({ bad: true }), { code: 1403, message: "be nice" });
    await until(() => seen.length > 0, "the publication");
    assert.deepEqual(seen, [{ text: "hello" }]);
  } finally {
    sdk.disconnect();
    await hooked.stop();
    hook.stop();
  }
});
