// Chromium's own WebSocket without our client, and the centrifuge SDK.
import assert from "node:assert/strict";
import { until, useStage } from "./stage.js";

const test = useStage();

/** Opens a socket in the page; resolves with all that it said. */
const socket = (stage, tab, path, protocols = []) => tab.page.evaluate(([url, offered]) => new Promise((resolve) => {
  const frames = [];
  const one = new WebSocket(url, offered);
  one.onmessage = ({ data }) => {
    frames.push(data);
    if (data.includes('"connect"')) resolve({ frames, protocol: one.protocol });
  };
  one.onclose = ({ code, reason, wasClean }) => resolve({ frames, protocol: one.protocol, code, reason, wasClean });
}), [stage.gateway.ws + path, protocols]);

/** A ticket that the page itself asked for: bound to its origin. */
const ticketOf = async (stage, tab) => {
  const { token } = await stage.gateway.guest();
  return tab.page.evaluate(async ([url, bearer]) => {
    const answer = await fetch(`${url}/auth/ticket`, { method: "POST", headers: { Authorization: `Bearer ${bearer}` } });
    return (await answer.json()).ticket;
  }, [stage.gateway.http, token]);
};

for (const protocols of [[], ["usher.v1.json"]]) {
  const name = protocols[0] ?? "no subprotocol";
  test(`a replayed ticket is answered with a close that the page can read (${name})`, async (stage) => {
    const tab = await stage.open();
    const ticket = await ticketOf(stage, tab);
    const first = await socket(stage, tab, `/ws?ticket=${ticket}`, protocols);
    assert.equal(first.frames.length, 1);
    assert.equal(first.protocol, protocols[0] ?? "");
    const replayed = await socket(stage, tab, `/ws?ticket=${ticket}`, protocols);
    assert.deepEqual(replayed, { frames: [], protocol: protocols[0] ?? "", code: 1008, reason: "NOT_AUTHORIZED", wasClean: true });
    await stage.logged(/WS: Rejected - ticket replayed/);
  });
}

test("a refusal's reason gets through fifty times in a row", async (stage) => {
  const tab = await stage.open();
  for (let n = 0; n < 50; ++n) {
    const { code, reason, wasClean } = await socket(stage, tab, "/ws", ["usher.v1.json"]);
    assert.deepEqual({ code, reason, wasClean }, { code: 1008, reason: "NOT_AUTHORIZED", wasClean: true });
  }
});

test("a ticket in the subprotocol opens, and only usher.v1.json is echoed", async (stage) => {
  const tab = await stage.open();
  const { frames, protocol } = await socket(stage, tab, "/ws", ["usher.v1.json", `usher.ticket.${await ticketOf(stage, tab)}`]);
  assert.equal(frames.length, 1);
  assert.equal(protocol, "usher.v1.json");
});

test("a ticket of one origin does not open from another", async (stage) => {
  const ticket = await ticketOf(stage, await stage.open());
  const foreign = await stage.open({ origin: stage.foreign.origin });
  const { code, reason, wasClean } = await socket(stage, foreign, `/ws?ticket=${ticket}`, ["usher.v1.json"]);
  assert.deepEqual({ code, reason, wasClean }, { code: 1008, reason: "ORIGIN_BLOCKED", wasClean: true });
  // A foreign page burns no ticket.
  const own = await socket(stage, await stage.open(), `/ws?ticket=${ticket}`, ["usher.v1.json"]);
  assert.equal(own.frames.length, 1);
});

test("the centrifuge SDK connects with tickets, subscribes, and comes back after a restart", async (stage) => {
  const tab = await stage.open();
  const { token } = await stage.gateway.guest();
  await tab.page.evaluate(([http, ws, bearer]) => {
    window.published = [];
    window.sdk = new Centrifuge(`${ws}/connection/websocket`, {
      minReconnectDelay: 20,
      maxReconnectDelay: 200,
      getToken: async () => {
        const answer = await fetch(`${http}/auth/ticket`, { method: "POST", headers: { Authorization: `Bearer ${bearer}` } });
        return (await answer.json()).ticket;
      },
    });
    const room = sdk.newSubscription("chat:room");
    room.on("publication", ({ data }) => published.push(data));
    room.subscribe();
    sdk.connect();
  }, [stage.gateway.http, stage.gateway.ws, token]);
  const subscribed = async () => (await tab.page.evaluate(() => sdk.state === "connected" && sdk.getSubscription("chat:room").state === "subscribed"));
  await until(subscribed, "the subscription");
  await stage.gateway.api("publish", { channel: "chat:room", data: 1 });
  await until(() => tab.page.evaluate("published.length === 1"), "the publication");

  await stage.kill();
  await until(async () => !(await subscribed()), "the loss");
  await stage.restart();
  await until(subscribed, "the subscription again");
  await stage.gateway.api("publish", { channel: "chat:room", data: 2 });
  await until(() => tab.page.evaluate("published.length === 2"), "the second publication");
  assert.deepEqual(await tab.page.evaluate("published"), [1, 2]);
});
