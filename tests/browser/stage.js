// What each test needs: a gateway, a page server that it trusts, one that it does not, and Chromium.
import { after, before, beforeEach, afterEach } from "node:test";
import { chromium } from "playwright-core";
import { startGateway, until } from "../integration/foreign/gateway.js";
import { startPages } from "./pages.js";

export { until };

// A name that leads here, but does not say so: for loopback addresses the client ignores `offline`.
export const kGatewayName = "gw.example";

const kArguments = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", `--host-resolver-rules=MAP ${kGatewayName} 127.0.0.1`,
];

/**
 * Sets up what the tests of one file share; each test has its own gateway and its own browser context. `refused` says
 * that the gateway did not start, for the reason that `mayRefuse` allows.
 */
export function useStage({ config, mayRefuse } = {}) {
  const stage = { gateways: [] };

  before(async () => {
    stage.pages = await startPages();
    stage.foreign = await startPages();
    process.env.USHER_CLIENT_ALLOWED_ORIGINS = stage.pages.origin;
    // A user-data-dir of its own is what launch() always gives it. Without the cache for pages left behind, back and
    // forward would be plain loads.
    stage.browser = await chromium.launch({
      executablePath: process.env.USHER_CHROMIUM ?? "/usr/bin/chromium",
      headless: true,
      args: kArguments,
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    });
  });
  beforeEach(async () => {
    try {
      stage.gateway = await stage.start();
    } catch (error) {
      stage.refused = mayRefuse?.test(error.message);
      if (!stage.refused) throw error;
    }
    stage.context = await stage.browser.newContext();
  });
  afterEach(async () => {
    await stage.context.close();
    for (const gateway of stage.gateways.splice(0)) await gateway.stop();
  });
  after(async () => {
    await stage.browser?.close();
    await stage.pages?.stop();
    await stage.foreign?.stop();
  });

  stage.start = async (options = {}) => {
    const gateway = await startGateway({ config, ...options });
    stage.gateways.push(gateway);
    return gateway;
  };
  stage.kill = async () => {
    const exited = new Promise((resolve) => stage.gateway.child.once("exit", resolve));
    stage.gateway.child.kill("SIGKILL");
    await exited;
  };
  /** Another process on the same port, with the same secret. */
  stage.restart = async () => {
    stage.gateway = await stage.start({ listen: stage.gateway.address });
  };
  stage.open = (options) => openPage(stage, options);
  return stage;
}

/** A page with everything that it said and asked for, in order. */
async function openPage(stage, { origin = stage.pages.origin, context = stage.context, hash = "" } = {}) {
  const page = await context.newPage();
  const tab = { page, lines: [], asked: [], responses: [] };
  page.on("console", (message) => {
    // Chromium has lines of its own about failed requests.
    if (/^\[(WS|Auth)\]/.test(message.text())) tab.lines.push(message.text());
  });
  page.on("pageerror", (error) => tab.lines.push(`uncaught: ${error}`));
  page.on("request", (request) => {
    if (request.url().includes("/auth/")) tab.asked.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  page.on("response", (response) => {
    if (response.url().includes("/auth/")) tab.responses.push(response);
  });
  page.on("websocket", (socket) => tab.asked.push(`WebSocket ${new URL(socket.url()).pathname}`));

  tab.load = async () => {
    await page.goto(`${origin}/${hash && `#${encodeURIComponent(hash)}`}`, { waitUntil: "commit" });
    await page.waitForFunction("window.ready");
  };
  tab.start = (options, channels) => page.evaluate(
    ([given, names]) => window.start(given, names), [{ url: stage.gateway.http, ...options }, channels]);
  tab.seen = () => page.evaluate("window.seen");
  tab.status = () => page.evaluate("window.client?.status");
  tab.becomes = (status) => until(async () => (await tab.status().catch(() => null)) === status, `status ${status}: ${tab.lines.join("\n")}`);
  tab.counted = (what) => tab.asked.filter((asked) => asked.startsWith(what)).length;
  /** Looks for `ms` at what the page asks for. */
  tab.asksNothingFor = async (ms) => {
    const before = tab.asked.length;
    await page.waitForTimeout(ms);
    return tab.asked.slice(before);
  };
  await tab.load();
  return tab;
}

export const kSuccess = [
  "[WS] Ensuring JWT token exists...",
  "[WS] JWT ready",
  "[WS] Requesting WebSocket ticket...",
  "[WS] Ticket obtained, connecting to WebSocket...",
  "[WS] Connected",
];
