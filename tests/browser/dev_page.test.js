// The page of `--dev`: what it shows in peace and under each of its switches, by mouse, keyboard and screen reader.
import assert from "node:assert/strict";
import { describe } from "node:test";
import { connected, faultsOfAxe, kScreens, open } from "./dev_page.js";
import { kSuccess, until, useStage } from "./stage.js";

const test = useStage({ gateway: { args: ["--dev"] } });

/** A fault that ends in `Stopped`: its lines, its reason, silence, and all well once it is mended and asked for. */
async function stops(stage, fault, lines, reason) {
  const tab = await connected(stage);
  tab.lines.length = 0;
  await tab.flip(fault);
  await tab.says("Stopped");
  assert.deepEqual(tab.lines, lines);
  assert.deepEqual((await tab.shown()).slice(-lines.length), lines);
  assert.match(await tab.text("reason"), new RegExp(`^${reason}: `));
  assert.deepEqual(await tab.asksFor(2_000), []);
  await tab.flip(fault);
  await tab.says("Connected");
  assert.deepEqual(tab.complaints, []);
}

const refused = (status, code, words, call = "Ticket") => [
  `[WS] Failed to connect HttpErrorResponse { status: ${status}, error: { code: '${code}' } }`,
  `[WS] Hard failure - auth error { status: ${status}, code: '${code}' }`,
  `[WS] ${call} request failed: ${status} ${words} - stopping reconnect`,
];
const closed = (code, reason) => [
  `[WS] Disconnected { code: ${code}, reason: '${reason}', wasClean: true }`,
  `[WS] Hard failure - stopping reconnect { code: ${code}, reason: '${reason}', wasClean: true }`,
];

describe("the page of --dev", { concurrency: 3 }, () => {
  test("it connects by itself, shows the three steps in milliseconds, and loads nothing from elsewhere", async (stage) => {
    const tab = await connected(stage);
    assert.deepEqual(tab.lines, kSuccess);
    assert.deepEqual(await tab.shown(), kSuccess);
    for (const step of ["token", "ticket", "socket"]) {
      assert.match(await tab.text(`ms-${step}`), /^\d+(\.\d+)? m?s$/);
      assert.equal(await tab.page.locator(`#step-${step}`).getAttribute("data-state"), "done");
      assert.equal(await tab.text(`calls-${step}`), "1");
    }
    assert.match(await tab.page.locator(".tally").innerText(), /^token call\s+1\s+ticket call\s+1\s+socket\s+1$/);
    assert.match(await tab.text("session"), /^sess_/);
    assert.deepEqual(tab.foreign, []);
    assert.deepEqual(tab.complaints, []);
  });

  test("its form publishes to its own session, and the message is shown as text", async (stage) => {
    const tab = await connected(stage);
    const other = await open(stage, { context: await stage.browser.newContext() });
    await other.says("Connected");
    for (const [typed, shown] of [['{"n":1}', '{"n":1}'], ["<img src=x onerror=alert(1)>", '"<img src=x onerror=alert(1)>"']]) {
      await tab.page.fill("#message", typed);
      await tab.page.press("#message", "Enter");
      await until(async () => (await tab.page.locator("#messages li:first-child code").allTextContents())[0] === shown, shown);
    }
    assert.match(await tab.page.locator("#messages li").first().textContent(), /session:sess_.* after publishing/);
    assert.equal(await other.page.locator("#messages li").count(), 0);
    await other.page.context().close();
    assert.deepEqual(tab.complaints, []);
  });

  test("a corrupted JWT is refreshed once, and stops the client when the fresh one is no better", (stage) => stops(
    stage, "corrupt_token",
    [...kSuccess.slice(0, 3), "[Auth] Received 401 INVALID_TOKEN, refreshing token...", ...kSuccess.slice(1, 3), ...refused(401, "INVALID_TOKEN", "UNAUTHORIZED")],
    "401 INVALID_TOKEN"));

  test("a token without a session stops the client", (stage) => stops(
    stage, "no_session", [...kSuccess.slice(0, 3), ...refused(401, "MISSING_SESSION", "UNAUTHORIZED")], "401 MISSING_SESSION"));

  test("a foreign origin stops the client at its first call", (stage) => stops(
    stage, "origin_blocked", [...kSuccess.slice(0, 3), ...refused(403, "ORIGIN_BLOCKED", "FORBIDDEN")], "403 ORIGIN_BLOCKED"));

  test("a foreign origin that has a ticket is stopped at the socket", (stage) => stops(
    stage, "origin_at_socket", [...kSuccess.slice(0, 4), ...closed(1008, "ORIGIN_BLOCKED")], "1008 ORIGIN_BLOCKED"));

  test("a ticket that was used before stops the client", (stage) => stops(
    stage, "used_ticket", [...kSuccess.slice(0, 4), ...closed(1008, "NOT_AUTHORIZED")], "1008 NOT_AUTHORIZED"));

  test("a store that is down is waited for, and the client returns by itself when it is back", async (stage) => {
    const tab = await connected(stage);
    tab.lines.length = 0;
    await tab.flip("store_down");
    await until(() => tab.lines.filter((line) => line.startsWith("[WS] Reconnecting")).length >= 2, "two failed attempts");
    assert.deepEqual(tab.lines.slice(0, 5), [
      ...kSuccess.slice(0, 3),
      "[WS] Failed to connect HttpErrorResponse { status: 503, error: { code: 'STORE_UNAVAILABLE' } }",
      "[WS] Soft failure - service unavailable (503), will retry",
    ]);
    assert.match(await tab.text("detail"), /^Attempt \d follows after \d/);
    assert.equal(await tab.text("note-ticket"), "503 STORE_UNAVAILABLE");
    // Another tab sees what this one has done.
    const other = await open(stage);
    await until(() => other.page.locator("[data-fault=store_down]").isChecked(), "the switch in the other tab");
    await tab.flip("store_down");
    await tab.says("Connected");
    assert.deepEqual(tab.lines.slice(-5), kSuccess);
  });

  test("a switch stays on while its page is there, and ends with it", async (stage) => {
    const tab = await connected(stage);
    const faults = async () => (await fetch(`${stage.gateway.http}/dev/faults`)).json();
    await tab.flip("store_down");
    await stage.logged(/\[Dev\] Fault switched on \{ fault: 'store_down'/);
    await tab.page.waitForTimeout(12_000);
    assert.deepEqual(await faults(), { store_down: true, origin_blocked: false });
    await stage.logged(/\[Dev\] Broken on purpose/);
    const other = await open(stage);
    await until(() => other.page.locator("[data-fault=store_down]").isChecked(), "the switch in the other tab");
    await tab.page.close();
    await until(async () => !(await faults()).store_down, "the store to be back");
    await other.says("Connected");
    // The page asks for the faults every few seconds: its switch follows a moment after the gateway.
    await until(async () => !(await other.page.locator("[data-fault=store_down]").isChecked()), "the other tab's switch to be off");
  });

  test("a page that is gone without a word leaves nothing broken", async (stage) => {
    const thrown = await fetch(`${stage.gateway.http}/dev/faults`, {
      method: "POST", headers: { Origin: stage.gateway.http }, body: '{"store_down":true}' });
    assert.equal(thrown.status, 200);
    await until(async () => !(await (await fetch(`${stage.gateway.http}/dev/faults`)).json()).store_down, "the store to be back");
    await stage.logged(/Fault switched off \{ fault: 'store_down', by: 'the page that wanted it is gone'/);
  });

  test("a restart of the gateway is outlived, by the same guest, and mends what was broken", async (stage) => {
    const tab = await connected(stage);
    const session = await tab.text("session");
    await tab.page.click("#restart");
    await tab.says("Reconnecting");
    await tab.says("Connected");
    assert.equal(await tab.text("session"), session);
    assert.equal(tab.counted("POST /auth/token"), 1);
    assert.deepEqual(tab.complaints, []);
  });

  test("disconnect, connect and a new guest", async (stage) => {
    const tab = await connected(stage);
    const session = await tab.text("session");
    await tab.page.click("#disconnect");
    await tab.says("Disconnected");
    assert.ok(await tab.page.locator("#disconnect").isDisabled());
    await tab.page.click("#connect");
    await tab.says("Connected");
    assert.equal(await tab.text("session"), session);
    await tab.page.click("#guest");
    await until(async () => (await tab.text("session")) !== session, "another session");
  });

  test("with the keyboard alone: everything is reached, in order, and can be seen to be", async (stage) => {
    const tab = await connected(stage);
    const focused = () => tab.page.evaluate(() => {
      const { id, dataset, className } = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return { name: id || dataset.fault || className, visible: outlineStyle !== "none" && outlineWidth !== "0px" };
    });
    const reached = [];
    for (let n = 0; n < 30; ++n) {
      await tab.page.keyboard.press("Tab");
      const { name, visible } = await focused();
      if (name === "" || reached.includes(name)) break;
      assert.ok(visible, `the focus on ${name} can't be seen`);
      reached.push(name);
    }
    assert.deepEqual(reached.slice(0, 3), ["skip", "disconnect", "guest"]);
    for (const name of ["corrupt_token", "no_session", "store_down", "origin_blocked", "origin_at_socket", "used_ticket", "restart", "copy", "clear", "console-scroll", "message"]) {
      assert.ok(reached.includes(name), `${name} is not reached: ${reached}`);
    }
    await tab.page.focus("[data-fault=no_session]");
    await tab.page.keyboard.press("Space");
    await tab.says("Stopped");
  });

  for (const [name, screen] of kScreens) {
    test(`${name}: axe finds nothing, and nothing is wider than the screen`, async (stage) => {
      const context = await stage.browser.newContext(screen);
      const tab = await open(stage, { context });
      await tab.says("Connected");
      await tab.page.click("#publish button");
      await tab.page.waitForSelector("#messages li");
      await tab.flip("no_session");
      await tab.says("Stopped");
      for (const state of ["Stopped", "Connected"]) {
        await tab.says(state);
        assert.deepEqual(await faultsOfAxe(tab.page), []);
        if (state === "Stopped") await tab.flip("no_session");
      }
      await context.close();
    });
  }
});
