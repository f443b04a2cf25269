// The section "Tunnel" of the page of `--dev`: there with an upstream, and under the failures of the gateway and of the upstream.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, describe } from "node:test";
import { connected, faultsOfAxe, kScreens, open } from "./dev_page.js";
import { kSuccess, until, useStage } from "./stage.js";

const { WebSocketServer } = createRequire(new URL("../integration/package.json", import.meta.url))("ws");

const test = useStage({ gateway: { args: ["--dev"] } });
const kUpstreamsKey = "not-for-the-page";
const upstreams = new Set();
after(() => upstreams.forEach((upstream) => upstream.kill()));

/** A WebSocket server that says everything back, and "bytes" as three bytes. `status`: with which it refuses, if it does. */
async function startUpstream() {
  const upstream = { status: 0, requests: [], live: new Set() };
  let server;
  upstream.listen = async (port = 0) => {
    server = new WebSocketServer({
      host: "127.0.0.1",
      port,
      verifyClient: ({ req }, answer) => {
        upstream.requests.push(req);
        answer(upstream.status === 0, upstream.status);
      },
    });
    server.on("connection", (socket) => {
      upstream.live.add(socket);
      socket.on("close", () => upstream.live.delete(socket));
      socket.on("message", (data, isBinary) => {
        if (String(data) === "bytes") socket.send(Buffer.from([1, 2, 3]));
        else socket.send(data, { binary: isBinary });
      });
    });
    await new Promise((resolve) => server.once("listening", resolve));
    upstream.port = server.address().port;
  };
  upstream.kill = () => {
    for (const socket of upstream.live) socket.terminate();
    server.close();
  };
  await upstream.listen();
  upstreams.add(upstream);
  return upstream;
}

const door = (name, path, port) => `[[upstreams]]\nname = "${name}"\npath = "${path}"\nurl = "http://127.0.0.1:${port}/${name}"\n`;

/** A gateway with an upstream of its own, and its page. */
async function withUpstream(stage, { config, ...how } = {}) {
  const upstream = await startUpstream();
  stage.gateway = await stage.start({ config, args: ["--dev", "--upstream", `http://127.0.0.1:${upstream.port}/socket?key=${kUpstreamsKey}`] });
  const tab = words(await open(stage, how));
  await tab.says("Connected");
  await tab.page.waitForSelector("#tunnel");
  return { upstream, tab };
}

/** What a person does and sees in the section. */
function words(tab) {
  const { page } = tab;
  tab.tunnel = (status) =>
    until(async () => (await tab.text("tunnel-status")) === status, async () => `${status}: ${await tab.text("tunnel")}\n${tab.lines.join("\n")}`);
  tab.opens = async () => {
    await page.click("#tunnel-open");
    await tab.tunnel("Open");
  };
  tab.sends = async (text) => {
    await page.fill("#tunnel-line", text);
    await page.press("#tunnel-line", "Enter");
  };
  tab.received = (text) =>
    until(async () => (await page.locator("#tunnel-messages .received code").allTextContents()).at(0) === text, `"${text}" from the upstream`);
  return tab;
}

describe("the tunnel on the page of --dev", { concurrency: 3 }, () => {
  test("without an upstream there is no such section", async (stage) => {
    const tab = await connected(stage);
    const [listed] = await Promise.all([tab.page.waitForResponse(/\/dev\/upstreams$/), tab.page.reload()]);
    assert.deepEqual(await listed.json(), { upstreams: [] });
    await tab.says("Connected");
    assert.ok(!(await tab.page.locator("#tunnel").isVisible()));
    assert.deepEqual(tab.complaints, []);
  });

  test("it says where the tunnel leads to, opens it, and shows what comes back", async (stage) => {
    const { upstream, tab } = await withUpstream(stage);
    assert.equal(await tab.text("tunnel-path"), "/socket");
    assert.equal(await tab.text("tunnel-url"), `http://127.0.0.1:${upstream.port}/socket`);
    assert.equal(await tab.text("tunnel-status"), "Closed");
    assert.ok(!(await tab.page.locator("#upstream").isVisible()));
    const listed = await (await fetch(`${stage.gateway.http}/dev/upstreams`)).text();
    for (const text of [listed, await tab.page.content()]) {
      assert.ok(text.includes(`127.0.0.1:${upstream.port}/socket`));
      assert.ok(!text.includes(kUpstreamsKey), "the query of the upstream's URL may hold a secret");
    }
    await tab.sends("too early");
    assert.match(await tab.text("tunnel-answer"), /^Not sent: open the tunnel first/);

    await tab.opens();
    assert.equal(upstream.requests[0].url, `/socket?key=${kUpstreamsKey}`);
    for (const text of ["hello", "<img src=x onerror=alert(1)>"]) {
      await tab.sends(text);
      await tab.received(text);
    }
    await tab.sends("bytes");
    await tab.received("3 bytes, binary");
    await tab.sends("");
    await tab.received("an empty text");
    await tab.sends("x".repeat(2_001));
    await tab.received(`${"x".repeat(2_000)}… (2001 characters)`);
    assert.match(await tab.page.locator("#tunnel-messages li").first().textContent(), /received.* after sending/);
    assert.equal(await tab.text("tunnel-tally"), "1 ticket call, 1 socket");
    assert.deepEqual(await tab.page.locator("#lines li:has(.of) .text").allTextContents(), kSuccess);
    assert.deepEqual(tab.asked.slice(-2), ["POST /auth/ticket", "WebSocket /socket"]);

    await tab.page.click("#tunnel-close");
    await tab.tunnel("Closed");
    assert.equal(await tab.text("tunnel-reason"), "1000");
    assert.ok(await tab.page.locator("#tunnel-close").isDisabled());
    assert.deepEqual(await tab.asksFor(2_000), []);
    assert.deepEqual(tab.foreign, []);
    assert.deepEqual(tab.complaints, []);
  });

  test("an upstream that dies is waited for, and the tunnel returns by itself", async (stage) => {
    const { upstream, tab } = await withUpstream(stage);
    await tab.opens();
    const { port } = upstream;
    upstream.kill();
    await tab.tunnel("Reconnecting");
    await until(async () => (await tab.text("tunnel-reason")) === "1013 UPSTREAM_UNAVAILABLE", "the reason");
    assert.match(await tab.text("tunnel-detail"), /^Reconnecting in \d+ms \(attempt \d+\)$/);
    await tab.sends("to nobody");
    assert.match(await tab.text("tunnel-answer"), /^Not sent/);
    assert.equal(await tab.text("status"), "Connected");
    await upstream.listen(port);
    await tab.tunnel("Open");
    assert.equal(await tab.text("tunnel-reason"), "");
    await tab.sends("again");
    await tab.received("again");
    assert.deepEqual(tab.complaints, []);
  });

  test("an upstream that is down from the start is waited for, too", async (stage) => {
    const { upstream, tab } = await withUpstream(stage);
    const { port } = upstream;
    upstream.kill();
    await tab.page.click("#tunnel-open");
    await tab.tunnel("Reconnecting");
    assert.equal(await tab.text("tunnel-reason"), "1013 UPSTREAM_UNAVAILABLE");
    await upstream.listen(port);
    await tab.tunnel("Open");
  });

  test("an upstream that refuses stops the tunnel, until it is opened anew", async (stage) => {
    const { upstream, tab } = await withUpstream(stage);
    upstream.status = 403;
    await tab.page.click("#tunnel-open");
    await tab.tunnel("Stopped");
    assert.match(await tab.text("tunnel-reason"), /^3522 UPSTREAM_REFUSED: /);
    assert.deepEqual(await tab.asksFor(3_000), []);
    assert.equal(await tab.text("tunnel-tally"), "1 ticket call, 1 socket");
    assert.equal(await tab.text("status"), "Connected");
    upstream.status = 0;
    await tab.opens();
  });

  test("the upstream's own close code and reason are shown, hard or soft", async (stage) => {
    const { upstream, tab } = await withUpstream(stage);
    await tab.opens();
    for (const socket of upstream.live) socket.close(4001, "the room moves");
    await until(() => upstream.requests.length === 2, "the tunnel to return");
    await tab.tunnel("Open");
    assert.ok(tab.lines.includes("[WS] Disconnected { code: 4001, reason: 'the room moves', wasClean: true }"), tab.lines.join("\n"));
    for (const socket of upstream.live) socket.close(4500, "banned");
    await tab.tunnel("Stopped");
    assert.match(await tab.text("tunnel-reason"), /^4500 banned: /);
  });

  for (const [fault, reason] of Object.entries({
    corrupt_token: "401 INVALID_TOKEN",
    no_session: "401 MISSING_SESSION",
    origin_blocked: "403 ORIGIN_BLOCKED",
    origin_at_socket: "1008 ORIGIN_BLOCKED",
    used_ticket: "1008 NOT_AUTHORIZED",
  })) {
    test(`the switch ${fault} stops the tunnel as it stops the client`, async (stage) => {
      const { tab } = await withUpstream(stage);
      await tab.opens();
      await tab.flip(fault);
      await tab.tunnel("Stopped");
      await tab.says("Stopped");
      for (const id of ["reason", "tunnel-reason"]) assert.match(await tab.text(id), new RegExp(`^${reason}: `), id);
      assert.deepEqual(await tab.asksFor(2_000), []);
      await tab.flip(fault);
      await tab.tunnel("Open");
      await tab.says("Connected");
      assert.deepEqual(tab.complaints, []);
    });
  }

  test("a store that is down, and a gateway that restarts: the tunnel returns by itself", async (stage) => {
    const { tab } = await withUpstream(stage);
    await tab.opens();
    await tab.flip("store_down");
    await tab.tunnel("Reconnecting");
    await tab.flip("store_down");
    await tab.tunnel("Open");
    await tab.page.click("#restart");
    await tab.tunnel("Reconnecting");
    await tab.tunnel("Open");
    await tab.says("Connected");
    await tab.sends("still here");
    await tab.received("still here");
  });

  test("a tunnel that was closed stays closed, whatever is switched; a new guest has a new tunnel", async (stage) => {
    const { upstream, tab } = await withUpstream(stage);
    await tab.opens();
    await tab.page.click("#guest");
    await until(async () => upstream.requests.at(-1).headers["x-usher-session"] !== upstream.requests[0].headers["x-usher-session"], "a new session");
    await tab.tunnel("Open");
    await tab.says("Connected");
    assert.equal(await tab.text("session"), upstream.requests.at(-1).headers["x-usher-session"]);
    await tab.page.click("#tunnel-close");
    await tab.tunnel("Closed");
    await tab.flip("no_session");
    await tab.says("Stopped");
    await tab.flip("no_session");
    await tab.says("Connected");
    assert.equal(await tab.text("tunnel-status"), "Closed");
  });

  test("of several upstreams one is chosen; below the prefix, with a path, a query and a subprotocol of one's own", async (stage) => {
    const upstream = await startUpstream();
    const config = `[http]\nprefix = "/gw"\n${door("board", "/board", upstream.port)}${door("rooms", "/rooms/*", upstream.port)}`;
    stage.gateway = await stage.start({ args: ["--dev"], config });
    const tab = words(await open(stage, { prefix: "/gw" }));
    await tab.says("Connected");
    await tab.opens();
    assert.equal(upstream.requests[0].url, "/board");
    await tab.page.selectOption("#upstream", "rooms");
    await tab.tunnel("Closed");
    assert.equal(await tab.text("tunnel-path"), "/gw/rooms/*");
    assert.equal(await tab.text("tunnel-url"), `http://127.0.0.1:${upstream.port}/rooms`);
    assert.equal(await tab.page.inputValue("#tunnel-target"), "/rooms/");
    for (const [target, protocols, complaint] of [["rooms/7", "", /path must begin/], ["/rooms/7", "a/b", /subprotocol a\/b/]]) {
      await tab.page.fill("#tunnel-target", target);
      await tab.page.fill("#tunnel-protocols", protocols);
      await tab.page.click("#tunnel-open");
      assert.match(await tab.text("tunnel-answer"), complaint);
    }
    await tab.page.fill("#tunnel-target", "/rooms/7?as=me");
    await tab.page.fill("#tunnel-protocols", "chat.v2, chat.v1");
    await tab.opens();
    assert.equal(upstream.requests.at(-1).url, "/rooms/7?as=me");
    assert.equal(await tab.text("tunnel-detail"), "The upstream has chosen chat.v2.");
    assert.equal(upstream.requests.length, 2);
  });

  test("with the keyboard alone", async (stage) => {
    const { tab } = await withUpstream(stage);
    const reached = [];
    for (let n = 0; n < 30; ++n) {
      await tab.page.keyboard.press("Tab");
      const { name, visible } = await tab.page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
        return { name: document.activeElement.id || document.activeElement.ariaLabel || document.activeElement.textContent, visible: outlineStyle !== "none" && outlineWidth !== "0px" };
      });
      if (reached.includes(name)) break;
      assert.ok(visible, `the focus on ${name} can't be seen`);
      reached.push(name);
      if (name === "tunnel-open") {
        await tab.page.keyboard.press("Enter");
        await tab.tunnel("Open");
      }
      if (name === "tunnel-line") {
        await tab.page.keyboard.press("Enter");
        await tab.received("hello");
      }
    }
    for (const name of ["tunnel-target", "tunnel-protocols", "tunnel-open", "tunnel-close", "tunnel-line", "Messages of the tunnel"]) {
      assert.ok(reached.includes(name), `${name} is not reached: ${reached}`);
    }
  });

  for (const [name, screen] of kScreens) {
    test(`${name}: axe finds nothing, and nothing is wider than the screen`, async (stage) => {
      const context = await stage.browser.newContext(screen);
      // A second upstream, so that there is a choice.
      const { upstream, tab } = await withUpstream(stage, { context, config: door("board", "/board", 9) });
      await tab.page.selectOption("#upstream", "upstream");
      await tab.opens();
      for (const text of ["hello", "bytes", "x".repeat(500)]) await tab.sends(text);
      await until(async () => (await tab.page.locator("#tunnel-messages .received").count()) === 3, "three messages");
      assert.deepEqual(await faultsOfAxe(tab.page), []);
      upstream.kill();
      await tab.tunnel("Reconnecting");
      assert.deepEqual(await faultsOfAxe(tab.page), []);
      await tab.flip("no_session");
      await tab.tunnel("Stopped");
      assert.deepEqual(await faultsOfAxe(tab.page), []);
      await context.close();
    });
  }
});
