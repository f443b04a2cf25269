// An SDK shows its last ticket again when it reconnects. Whether the store still knows that ticket as consumed, or has
// forgotten it, the SDK must come back with a new one, and nobody may call it a replay.
//
// A ticket of 2 s is known for 62 s in all; each client's connection is cut after a share of that. They wait side by side.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startGateway, until } from "./gateway.js";
import { startProxy } from "./proxy.js";
import { connectSdk } from "./sdk.js";

const KNOWN_FOR = 62_000;

let gateway;
before(async () => { gateway = await startGateway({ ticketTtl: "2s" }); });
after(() => gateway.stop());

test("reconnects with a new ticket", { concurrency: true }, async (t) => {
  await Promise.all([10, 60, 120].map((percent) => t.test(`after ${percent} % of the time that its ticket is known`, async () => {
    const proxy = await startProxy(gateway.address);
    const { sdk, tickets } = await connectSdk(gateway, { url: proxy.url });
    const before = tickets.length;
    const cutAt = Date.now() + (KNOWN_FOR * percent) / 100;
    await until(() => Date.now() >= cutAt, "the moment of the cut", KNOWN_FOR * 2);
    const back = new Promise((resolve) => sdk.once("connected", resolve));
    proxy.cut();
    await back;
    assert.ok(tickets.length > before, "the new connection has a new ticket");
    assert.equal(await gateway.metric("usher_ticket_replays_total"), 0);
    sdk.disconnect();
    proxy.close();
  })));
});
