// The npm package `centrifuge`, unchanged, in namespaces with `recovery_mode`, `unrecoverable` and `positioned`; and its
// option `getState`, which asks for error 112 instead of a gap.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { once, startGateway, until } from "./gateway.js";
import { startProxy } from "./proxy.js";
import { connectSdk } from "./sdk.js";

const kept = 'subscribe = "anyone"\nhistory_size = 3\nhistory_ttl = "5m"';
const namespaces = `
[[channel.namespaces]]
name = "cache"
${kept}
recovery = true
recovery_mode = "cache"
[[channel.namespaces]]
name = "state"
${kept}
recovery = true
[[channel.namespaces]]
name = "strict"
${kept}
recovery = true
unrecoverable = "refuse"
[[channel.namespaces]]
name = "placed"
${kept}
positioned = true
`;

let gateway;
before(async () => { gateway = await startGateway({ config: namespaces }); });
after(() => gateway.stop());

const publish = async (channel, ...all) => {
  let position;
  for (const data of all) position = (await gateway.api("publish", { channel, data })).result;
  return position;
};

/** A subscription, subscribed; with what it was told so far. */
async function subscribed(sdk, channel, options = {}) {
  const subscription = sdk.newSubscription(channel, options);
  const seen = [];
  const contexts = [];
  subscription.on("publication", (context) => seen.push(context.data));
  subscription.on("subscribed", (context) => contexts.push(context));
  subscription.subscribe();
  await subscription.ready(10_000);
  return { subscription, seen, contexts };
}

/** A connected SDK, and `away(meanwhile)`: it is disconnected while `meanwhile` runs. */
async function connectThroughProxy() {
  let open = true;
  const proxy = await startProxy(() => (open ? gateway.address : "127.0.0.1:1"));
  const { sdk } = await connectSdk(gateway, { url: proxy.url });
  const away = async (meanwhile) => {
    const gone = once(sdk, "connecting");
    open = false;
    proxy.cut();
    await gone;
    await meanwhile();
    const back = once(sdk, "connected");
    open = true;
    await back;
  };
  return { sdk, away, close: () => { sdk.disconnect(); proxy.close(); } };
}

test("cache: a new subscriber gets the newest publication at once, and one that comes back the newest it has missed", async () => {
  const { sdk, away, close } = await connectThroughProxy();
  await publish("cache:a", "old", "new");
  const { seen, contexts } = await subscribed(sdk, "cache:a");
  await until(() => seen.length === 1, "the newest publication");
  assert.deepEqual(seen, ["new"]);
  assert.equal(contexts[0].wasRecovering, true);
  assert.equal(contexts[0].recovered, true);
  assert.equal(contexts[0].recoverable, true);
  assert.equal(contexts[0].positioned, true);

  await away(() => publish("cache:a", 1, 2, 3, 4, 5));
  await until(() => contexts.length === 2 && seen.length === 2, () => `the newest after the return: ${JSON.stringify(seen)}`);
  assert.deepEqual(seen, ["new", 5]);
  assert.equal(contexts[1].recovered, true);

  await away(async () => {});
  await until(() => contexts.length === 3, "the third subscription");
  await publish("cache:a", "live");
  await until(() => seen.length === 3, "what is live");
  assert.deepEqual(seen, ["new", 5, "live"], "the newest comes once");
  close();
});

test("cache: an empty channel says that there was nothing", async () => {
  const { sdk } = await connectSdk(gateway);
  const { seen, contexts } = await subscribed(sdk, "cache:empty");
  assert.deepEqual([contexts[0].wasRecovering, contexts[0].recovered], [true, false]);
  await publish("cache:empty", "first");
  await until(() => seen.length === 1, "the first publication");
  sdk.disconnect();
});

test("getState: the state is loaded, publications after it are recovered, and it is loaded again when they are lost", async () => {
  const { sdk, away, close } = await connectThroughProxy();
  let top = await publish("state:a", "a", "b");
  const loads = [];
  const subscription = await subscribed(sdk, "state:a", {
    minResubscribeDelay: 10,
    maxResubscribeDelay: 50,
    getState: async () => {
      loads.push(top.offset);
      const state = { offset: top.offset, epoch: top.epoch };
      if (loads.length === 1) await publish("state:a", "c");
      return state;
    },
  });
  await until(() => subscription.seen.length === 1, "the publication after the state");
  assert.deepEqual(subscription.seen, ["c"]);
  assert.deepEqual(loads, [2]);

  await away(() => publish("state:a", "d", "e"));
  await until(() => subscription.seen.length === 3, "what was missed");
  assert.deepEqual(subscription.seen, ["c", "d", "e"]);
  assert.deepEqual(loads, [2], "nothing was lost");

  await away(async () => { top = await publish("state:a", 1, 2, 3, 4, 5); });
  await until(() => subscription.contexts.length === 3, "the subscription after the loss");
  assert.deepEqual(loads, [2, top.offset]);
  assert.equal(subscription.contexts[2].recovered, true, "since the state that was loaded again");
  assert.deepEqual(subscription.seen, ["c", "d", "e"], "and it includes what was lost");
  close();
});

test("unrecoverable = \"refuse\" answers any client's gap with error 112", async () => {
  const { sdk } = await connectSdk(gateway);
  const { epoch } = await publish("strict:a", 1, 2, 3, 4, 5);
  const subscription = sdk.newSubscription("strict:a", { since: { offset: 1, epoch } });
  const ended = new Promise((resolve) => subscription.on("unsubscribed", resolve));
  subscription.subscribe();
  assert.equal((await ended).code, 112);
  const fresh = sdk.newSubscription("strict:b");
  fresh.subscribe();
  await fresh.ready(10_000);
  sdk.disconnect();
});

test("positioned: the subscription knows the stream's position, and recovers nothing", async () => {
  const { sdk } = await connectSdk(gateway);
  const position = await publish("placed:a", 1, 2);
  const { contexts } = await subscribed(sdk, "placed:a", { positioned: true, recoverable: true });
  assert.deepEqual(contexts[0].streamPosition, { offset: 2, epoch: position.epoch });
  assert.equal(contexts[0].positioned, true);
  assert.equal(contexts[0].recoverable, false, "the client's wish adds nothing");
  sdk.disconnect();
});
