// What happens to pages and networks: restarts, reloads, offline, several tabs, back and forward.
import assert from "node:assert/strict";
import { describe } from "node:test";
import { kGatewayName, kSuccess, until, useStage } from "./stage.js";

const test = useStage();

// Some of it is waiting: two at a time. More would be too many for those whose haste is the point.
describe("pages and networks", { concurrency: 2 }, () => {
  test("a killed gateway that starts again gets its client and its subscriptions back", async (stage) => {
    const tab = await stage.open();
    await tab.start({}, ["chat:kept"]);
    await tab.becomes("connected");
    await until(async () => (await tab.seen()).subscribed.some(({ channel }) => channel === "chat:kept"), "the subscription");
    await stage.kill();
    await tab.becomes("reconnecting");
    assert.equal(tab.lines[5], "[WS] Disconnected { code: 1006, reason: '', wasClean: false }");
    await stage.restart();
    await tab.becomes("connected");
    await stage.gateway.api("publish", { channel: "chat:kept", data: "after" });
    await until(async () => (await tab.seen()).messages.length === 1, "a message on the new connection");
    assert.equal((await tab.seen()).messages[0].data, "after");
    // What may have been missed with the old process's memory is reported.
    const kept = (await tab.seen()).subscribed.filter(({ channel }) => channel === "chat:kept");
    assert.deepEqual(kept.map(({ recovered }) => recovered), [false, false]);
    assert.equal(tab.counted("POST /auth/token"), 1);
    assert.doesNotMatch(stage.gateway.log, /Rejected/);
  });

  test("a page reloaded ten times connects ten times, and nobody is rejected", async (stage) => {
    const tab = await stage.open({ hash: stage.gateway.http });
    await tab.becomes("connected");
    for (let n = 0; n < 10; ++n) {
      await tab.page.reload();
      await tab.becomes("connected");
    }
    assert.equal(tab.lines.filter((line) => line === "[WS] Connected").length, 11);
    assert.equal(tab.counted("WebSocket"), 11);
    assert.equal(tab.counted("POST /auth/token"), 1);
    await stage.logged(/(websocket_connected[^]*){11}/);
    assert.equal(stage.gateway.log.match(/websocket_connected/g).length, 11);
    assert.doesNotMatch(stage.gateway.log, /Rejected/);
  });

  test("ten reloads in a hurry, each in the middle of the last one's connecting, end connected", async (stage) => {
    // The page reloads itself at its first, second, third or fourth line.
    await stage.context.addInitScript(() => {
      const left = Number(sessionStorage.left ?? 10);
      if (left === 0) return;
      sessionStorage.left = left - 1;
      const { log } = console;
      let lines = 0;
      console.log = (...line) => {
        log(...line);
        if (++lines === (left % 4) + 1) location.reload();
      };
    });
    const tab = await stage.open({ hash: stage.gateway.http });
    // A page on its way out may still get to be connected; the last one is not on its way out.
    const settled = () => tab.page.evaluate("sessionStorage.left === '0' && window.client?.status === 'connected'").catch(() => false);
    await until(settled, "the last page's connection");
    assert.ok(tab.lines.filter((line) => line === kSuccess[0]).length >= 11);
    assert.doesNotMatch(stage.gateway.log, /Rejected/);
  });

  test("offline, nothing is asked for; back, one attempt at once", async (stage) => {
    const url = `http://${kGatewayName}:${stage.gateway.address.split(":")[1]}`;
    const tab = await stage.open();
    await tab.start({ url });
    await tab.becomes("connected");
    await stage.context.setOffline(true);
    await stage.kill();
    await tab.becomes("reconnecting");
    await stage.restart();
    assert.deepEqual(await tab.asksFor(20_000), []);
    tab.asked.length = 0;
    await stage.context.setOffline(false);
    await tab.becomes("connected");
    assert.deepEqual(tab.asked, ["POST /auth/ticket", "WebSocket /ws"]);
    assert.deepEqual(tab.lines.slice(-5), kSuccess);
  });

  test("two tabs are one guest, and both hear what is for it", async (stage) => {
    const one = await stage.open();
    await one.start();
    await one.becomes("connected");
    const two = await stage.open();
    await two.start();
    await two.becomes("connected");
    assert.equal(one.counted("POST /auth/token") + two.counted("POST /auth/token"), 1);
    const { session_id } = await one.responses.find((response) => response.url().endsWith("/auth/token")).json();
    await stage.gateway.api("publish", { channel: `session:${session_id}`, data: "both" });
    for (const tab of [one, two]) await until(async () => (await tab.seen()).messages.length === 1, "the message");
  });

  test("another tab's newer token is the one that the next attempt uses", async (stage) => {
    const one = await stage.open();
    await one.start();
    await one.becomes("connected");
    const two = await stage.open();
    await two.start();
    await two.becomes("connected");
    // Somebody else from now on.
    await two.page.evaluate(() => client.logout());
    await two.page.evaluate(() => client.connect());
    await two.becomes("connected");
    const { token } = await two.responses.find((response) => response.url().endsWith("/auth/token")).json();

    one.responses.length = 0;
    await stage.kill();
    await one.becomes("reconnecting");
    await stage.restart();
    await one.becomes("connected");
    const [ticket] = one.responses.filter((response) => response.url().endsWith("/auth/ticket"));
    assert.equal((await ticket.request().allHeaders()).authorization, `Bearer ${token}`);
    assert.equal(one.counted("POST /auth/token"), 1);
  });

  test("back from the cache of left pages, it connects again", async (stage) => {
    const tab = await stage.open({ hash: stage.gateway.http });
    await tab.becomes("connected");
    await tab.page.goto(`${stage.pages.origin}/elsewhere`);
    await until(() => stage.gateway.log.includes("websocket_disconnected"), "the server to see it go");
    // A page from the cache is shown, not loaded: no `load` to wait for.
    const shown = { waitUntil: "commit" };
    await tab.page.goBack(shown);
    await tab.becomes("connected");
    assert.deepEqual((await tab.seen()).shows, [false, true], "it was loaded anew: not from the cache");
    assert.deepEqual((await tab.seen()).statuses, ["connecting", "connected", "reconnecting", "connected"]);
    assert.equal(tab.counted("POST /auth/ticket"), 2);
    assert.equal(tab.counted("POST /auth/token"), 1);
    await tab.page.goForward(shown);
    await tab.page.goBack(shown);
    await tab.becomes("connected");
    assert.doesNotMatch(stage.gateway.log, /Rejected/);
  });
});
