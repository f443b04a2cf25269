// The npm package `centrifuge`, unchanged: what its subscriptions send for a decision (`data`, `getData`, `token`,
// `getToken`), and how they follow when what was granted ends.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UnauthorizedError } from "centrifuge";
import { startGateway, until } from "./gateway.js";
import { startHook } from "./hook.js";
import { connectSdk } from "./sdk.js";

let gateway;
let hook;
let say = () => ({ channels: {} });
const asked = [];

before(async () => {
  hook = await startHook((type, body) => {
    asked.push(body);
    return say(body);
  });
  const secret = join(mkdtempSync(join(tmpdir(), "usher-hook-")), "hook.secret");
  writeFileSync(secret, "the secret of a hook's tests, of 32 bytes or more", { mode: 0o600 });
  gateway = await startGateway({
    config: `
[[channel.namespaces]]
name = "asked"
subscribe = "hook"
join_leave = true
presence = true
[[channel.namespaces]]
name = "shown"
subscribe = "token"
presence = true
[hooks]
subscribe_url = "${hook.url}"
secret_file = "${secret}"
`,
  });
});
after(async () => {
  await gateway.stop();
  hook.stop();
});

const subscribed = (subscription) =>
  new Promise((resolve, reject) => {
    subscription.once("subscribed", resolve);
    subscription.once("unsubscribed", reject);
    subscription.subscribe();
  });
const unsubscribed = (subscription) =>
  new Promise((resolve) => {
    subscription.once("unsubscribed", resolve);
    subscription.subscribe();
  });
const seconds = (more) => Math.floor(Date.now() / 1000) + more;

test("what getData returns reaches the hook, and its answer reaches the subscription", async () => {
  const { sdk } = await connectSdk(gateway);
  say = (body) => ({ channels: { "asked:1": { data: { heard: body.channels[0].data }, info: { seat: 4 } } } });
  let calls = 0;
  const subscription = sdk.newSubscription("asked:1", { getData: async () => ({ call: ++calls }), joinLeave: true });
  const context = await subscribed(subscription);
  assert.deepEqual(context.data, { heard: { call: 1 } });
  const presence = await subscription.presence();
  assert.deepEqual(Object.values(presence.clients).map((client) => client.chanInfo), [{ seat: 4 }]);
  sdk.disconnect();
});

test("a refusal of the hook's own ends the subscription with its code, and a temporary one is tried again", async () => {
  const { sdk } = await connectSdk(gateway);
  say = () => ({ channels: { "asked:2": { error: { code: 4711, message: "sold out" } } } });
  const context = await unsubscribed(sdk.newSubscription("asked:2"));
  assert.equal(context.code, 4711);
  assert.equal(context.reason, "sold out");
  let times = 0;
  say = () => (++times < 2 ? "no answer" : { channels: { "asked:3": {} } });
  const errors = [];
  const subscription = sdk.newSubscription("asked:3", { minResubscribeDelay: 10, maxResubscribeDelay: 50 });
  subscription.on("error", (one) => errors.push(one.error.code));
  await subscribed(subscription);
  assert.deepEqual(errors, [100]);
  sdk.disconnect();
});

test("when the hook's grant ends, the subscription asks again by itself", async () => {
  const { sdk } = await connectSdk(gateway);
  let times = 0;
  say = () => ({ channels: { "asked:4": ++times === 1 ? { expire_at: seconds(1) } : {} } });
  const subscription = sdk.newSubscription("asked:4");
  await subscribed(subscription);
  const again = new Promise((resolve) => subscription.once("subscribing", resolve));
  assert.equal((await again).code, 2501);
  await subscription.ready(10_000);
  assert.equal(times, 2);
  sdk.disconnect();
});

// ---- subscription tokens ----

async function asAda() {
  const session = `sess_${Math.random().toString(36).slice(2)}`;
  const jwt = gateway.jwt({ sessionId: session, sub: "ada", life: 600 });
  return connectSdk(gateway, { getToken: () => gateway.ticket(jwt) });
}

test("getToken is asked once, and again when the token ends: sub_refresh keeps the subscription", async () => {
  const { sdk } = await asAda();
  const channel = "shown:1";
  let calls = 0;
  const getToken = async (context) => {
    assert.equal(context.channel, channel);
    return gateway.jwt({ sub: "ada", channel, life: ++calls === 1 ? 2 : 60 });
  };
  const subscription = sdk.newSubscription(channel, { getToken });
  const states = [];
  subscription.on("state", (context) => states.push(context.newState));
  await subscribed(subscription);
  await until(() => calls === 2, "the second token");
  // Longer than the first token's end and its grace.
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  assert.equal(subscription.state, "subscribed");
  assert.deepEqual(states, ["subscribing", "subscribed"]);
  assert.equal(calls, 2);
  sdk.disconnect();
});

test("a token that has expired is fetched anew, and one that is wrong ends the subscription", async () => {
  const { sdk } = await asAda();
  let calls = 0;
  const late = sdk.newSubscription("shown:2", {
    token: gateway.jwt({ sub: "ada", channel: "shown:2", life: -60 }),
    getToken: async () => gateway.jwt({ sub: "ada", channel: "shown:2", life: 600 + ++calls }),
    minResubscribeDelay: 10, maxResubscribeDelay: 50,
  });
  await subscribed(late);
  assert.equal(calls, 1);
  const wrong = sdk.newSubscription("shown:3", { getToken: async () => gateway.jwt({ sub: "bob", channel: "shown:3", life: 60 }) });
  assert.equal((await unsubscribed(wrong)).code, 103);
  sdk.disconnect();
});

test("a getToken that throws UnauthorizedError ends the subscription, before and after it began", async () => {
  const { sdk } = await asAda();
  const never = sdk.newSubscription("shown:4", { getToken: async () => { throw new UnauthorizedError(); } });
  assert.equal((await unsubscribed(never)).code, 1);
  let calls = 0;
  const once = sdk.newSubscription("shown:5", {
    getToken: async () => {
      if (++calls > 1) throw new UnauthorizedError();
      return gateway.jwt({ sub: "ada", channel: "shown:5", life: 1 });
    },
  });
  await subscribed(once);
  const ended = await new Promise((resolve) => once.once("unsubscribed", resolve));
  assert.equal(ended.code, 1);
  sdk.disconnect();
});
