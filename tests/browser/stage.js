// What each test needs: a gateway, a page server that it trusts, one that it does not, and Chromium.
import assert from "node:assert/strict";
import { after, before, test as nodeTest } from "node:test";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { startGateway, until } from "../integration/foreign/gateway.js";
import { startCountingProxy } from "./counting_proxy.js";
import { startPages } from "./pages.js";
import { assertNoneIn, secretsIn } from "../integration/foreign/secrets.js";

export { until };

// Not a second copy: the tests with foreign clients have it.
const { WebSocket } = createRequire(new URL("../integration/package.json", import.meta.url))("ws");

// A name that leads here, but does not say so: for loopback addresses the client ignores `offline`.
export const kGatewayName = "gw.example";

const kArguments = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", `--host-resolver-rules=MAP ${kGatewayName} 127.0.0.1`,
];

/**
 * Sets up what the tests of one file share: Chromium and the page servers. Returns `test(name, body)`, whose body is
 * given a stage of its own, so that tests may run at the same time. After each, no log may hold any token or ticket of
 * the test.
 */
export function useStage({ gateway: options } = {}) {
  const shared = { secrets: 0 };
  before(async () => {
    shared.pages = await startPages();
    shared.foreign = await startPages();
    // A user-data-dir of its own is what launch() always gives it. Without the cache for pages left behind, back and
    // forward would be plain loads.
    shared.browser = await chromium.launch({
      executablePath: process.env.USHER_CHROMIUM ?? "/usr/bin/chromium",
      headless: true,
      args: kArguments,
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    });
  });
  after(async () => {
    await shared.browser?.close();
    await shared.pages?.stop();
    await shared.foreign?.stop();
    assert.ok(shared.secrets > 0, "who has seen no token has looked for none");
  });
  return (name, body) => nodeTest(name, async () => {
    const stage = new Stage(shared, options);
    try {
      await stage.begin();
      await body(stage);
      shared.secrets += await stage.assertNothingLeaked();
    } finally {
      await stage.end();
    }
  });
}

class Stage {
  #gateways = [];
  #tabs = [];
  #proxies = [];
  #options;

  constructor({ pages, foreign, browser }, options) {
    Object.assign(this, { pages, foreign, browser });
    this.#options = options;
  }

  async begin() {
    this.context = await this.browser.newContext();
    this.gateway = await this.start();
  }

  async end() {
    await this.context?.close();
    for (const proxy of this.#proxies) proxy.stop();
    for (const gateway of this.#gateways) await gateway.stop();
  }

  async start(options = {}) {
    const gateway = await startGateway({ origins: [this.pages.origin], ...this.#options, ...options });
    this.#gateways.push(gateway);
    return gateway;
  }

  /** Between pages and the gateway: see counting_proxy.js. */
  async startProxy() {
    const proxy = await startCountingProxy(this.gateway.address);
    this.#proxies.push(proxy);
    return proxy;
  }

  async kill() {
    const exited = new Promise((resolve) => this.gateway.child.once("exit", resolve));
    this.gateway.child.kill("SIGKILL");
    await exited;
  }

  /** Waits for a line: the log is written behind the answers. */
  logged(line) {
    return until(() => line.test(this.gateway.log), () => `${line} in the log:\n${this.gateway.log}`);
  }

  /** Another process on the same port, with the same secret unless `options` name another. */
  async restart(options = {}) {
    this.gateway = await this.start({ listen: this.gateway.address, ...options });
  }

  /** Uses up a ticket that a page of ours asked for. */
  redeem(ticket) {
    const socket = new WebSocket(`${this.gateway.ws}/ws?ticket=${ticket}`, { headers: { Origin: this.pages.origin } });
    return new Promise((resolve, reject) => {
      socket.once("message", () => resolve(socket.terminate()));
      socket.once("close", () => reject(new Error("the ticket was refused")));
    });
  }

  /** A page of ours with a client that the test starts: see pages.js. */
  async open({ origin = this.pages.origin, context = this.context, hash = "" } = {}) {
    const tab = this.watch(await context.newPage());
    tab.load = async () => {
      await tab.page.goto(`${origin}/${hash && `#${encodeURIComponent(hash)}`}`, { waitUntil: "commit" });
      await tab.page.waitForFunction("window.ready");
    };
    tab.start = (options, channels) => tab.page.evaluate(
      ([given, names]) => window.start(given, names), [{ url: this.gateway.http, ...options }, channels]);
    tab.seen = () => tab.page.evaluate("window.seen");
    tab.status = () => tab.page.evaluate("window.client?.status");
    tab.becomes = (status) => until(
      async () => (await tab.status().catch(() => null)) === status, () => `status ${status}: ${tab.lines.join("\n")}`);
    await tab.load();
    return tab;
  }

  /** Writes down all that a page says and asks for, in order. */
  watch(page) {
    const tab = { page, lines: [], asked: [], responses: [], secrets: [] };
    this.#tabs.push(tab);
    page.on("console", (message) => {
      // Chromium has lines of its own about failed requests.
      if (/^\[(WS|Auth)\]/.test(message.text())) tab.lines.push(message.text());
    });
    page.on("pageerror", (error) => tab.lines.push(`uncaught: ${error}`));
    page.on("request", (request) => {
      if (!request.url().includes("/auth/")) return;
      tab.asked.push(`${request.method()} ${new URL(request.url()).pathname}`);
      tab.secrets.push(request.headers().authorization);
    });
    page.on("response", (response) => {
      if (!response.url().includes("/auth/")) return;
      tab.responses.push(response);
      // A page that is left takes its answers with it; what came of them is seen in what it asks for next.
      tab.secrets.push(response.text().catch(() => ""));
    });
    page.on("websocket", (socket) => {
      tab.asked.push(`WebSocket ${new URL(socket.url()).pathname}`);
      tab.secrets.push(socket.url());
    });
    tab.counted = (what) => tab.asked.filter((asked) => asked.startsWith(what)).length;
    /** Looks for `ms` at what the page asks for. */
    tab.asksFor = async (ms) => {
      const already = tab.asked.length;
      await page.waitForTimeout(ms);
      return tab.asked.slice(already);
    };
    return tab;
  }

  async assertNothingLeaked() {
    const heard = await Promise.all(this.#tabs.flatMap(({ secrets }) => secrets));
    const secrets = new Set([...heard, ...this.#gateways.flatMap(({ issued }) => issued)].flatMap(secretsIn));
    for (const [index, { log }] of this.#gateways.entries()) assertNoneIn(log, secrets, `the log of gateway ${index}`);
    for (const { lines } of this.#tabs) assertNoneIn(lines.join("\n"), secrets, "a page's console");
    return secrets.size;
  }
}

export const kSuccess = [
  "[WS] Ensuring JWT token exists...",
  "[WS] JWT ready",
  "[WS] Requesting WebSocket ticket...",
  "[WS] Ticket obtained, connecting to WebSocket...",
  "[WS] Connected",
];
