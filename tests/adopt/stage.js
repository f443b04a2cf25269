// What a row of the table needs: an application with its patch, a gateway that is told what the patch's usher.toml says, proxies that
// count and lead elsewhere on both sides of the gateway, Redis if the row takes it away, and a page in Chromium.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCountingProxy } from "../browser/counting_proxy.js";
import { startGateway, until } from "../integration/foreign/gateway.js";
import { assertNoneIn, secretsIn } from "../integration/foreign/secrets.js";
import { freePort, kApps, kSecret, startApp } from "./apps.js";

export { until };

// Not a second copy: the browser tests have it.
const { chromium } = createRequire(new URL("../browser/package.json", import.meta.url))("playwright-core");

export const kUser = "Zoë +1%"; // what percent-encoding is for
const kArguments = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync",
];

export const launch = () => chromium.launch({ executablePath: process.env.USHER_CHROMIUM ?? "/usr/bin/chromium", headless: true, args: kArguments });

/** The text of usher.toml that follows what startGateway() writes itself; its upstream is at `address`. */
function upstreamsOf(settings, address) {
  assert.match(settings, /^jwt\.secret_file = "jwt\.secret"\nclient\.allowed_origins = \["http:\/\/127\.0\.0\.1:3000"\]\n\n\[\[upstreams\]\]\n/);
  assert.ok(settings.includes('url = "http://127.0.0.1:3000/'));
  return settings.slice(settings.indexOf("[[upstreams]]")).replace("127.0.0.1:3000", address);
}

async function startRedis(port) {
  const folder = mkdtempSync(join(tmpdir(), "usher-adopt-redis-"));
  const child = spawn("redis-server", ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", ""], { stdio: "ignore" });
  const listens = () => new Promise((resolve) => {
    const probe = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false)).on("connect", () => probe.end());
  });
  const kill = () => new Promise((resolve) => {
    const gone = () => resolve(rmSync(folder, { recursive: true, force: true }));
    if (child.exitCode !== null || child.signalCode !== null) return gone();
    child.once("exit", gone);
    child.kill("SIGKILL");
  });
  await until(listens, "redis-server to listen").catch(async (error) => {
    await kill();
    throw error;
  });
  return { kill };
}

export class Stage {
  #gateways = [];
  #redisPort = null;
  #redis = null;

  constructor(browser, name) {
    Object.assign(this, { browser, name, lines: [], secrets: [] });
  }

  async begin({ redis = false } = {}) {
    // The page is told where usher is before there is one: a proxy stands there, and is led to it.
    this.proxy = await startCountingProxy("127.0.0.1:9");
    this.app = await startApp(this.name, { patched: true, usher: this.proxy.address });
    this.upstream = await startCountingProxy(this.app.address);
    if (redis) {
      this.#redisPort = await freePort();
      await this.startRedis();
    }
    await this.startGateway();
    this.context = await this.browser.newContext();
    this.page = this.#watch(await this.context.newPage());
  }

  async startRedis() {
    this.#redis = await startRedis(this.#redisPort);
  }

  async killRedis() {
    await this.#redis.kill();
    this.#redis = null;
  }

  /** A gateway with other settings than the one before, or beside it. `options` as startGateway() takes them. */
  async startGateway(options = {}) {
    const redis = this.#redisPort === null ? "" : `[engine]\ntype = "redis"\n[redis]\nurl = "redis://127.0.0.1:${this.#redisPort}"\n`;
    const config = redis + upstreamsOf(this.app.settings, this.upstream.address);
    const gateway = await startGateway({ origins: [this.app.origin], secret: kSecret, config, ...options });
    this.#gateways.push(gateway);
    if (redis) await until(() => fetch(`http://${gateway.admin}/readyz`).then(({ ok }) => ok, () => false), "the gateway to be ready");
    if (!options.aside) {
      this.gateway = gateway;
      this.proxy.backend = gateway.address;
    }
    return gateway;
  }

  /** The address of a server that answers every request with 403. */
  async startRefusing() {
    this.refusing = createServer((_, response) => response.writeHead(403).end()).on("upgrade", (_, socket) => {
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
    await new Promise((resolve) => this.refusing.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${this.refusing.address().port}`;
  }

  async killGateway() {
    const exited = new Promise((resolve) => this.gateway.child.once("exit", resolve));
    this.gateway.child.kill("SIGKILL");
    await exited;
  }

  #watch(page) {
    page.on("console", (message) => {
      if (/^\[(WS|Auth)\]/.test(message.text())) this.lines.push(message.text()); // Chromium has lines of its own
    });
    page.on("pageerror", (error) => this.lines.push(`uncaught: ${error}`));
    page.on("websocket", (socket) => this.secrets.push(socket.url()));
    page.on("response", (response) => {
      if (/\/auth\/|\/token/.test(response.url())) this.secrets.push(response.text().catch(() => ""));
    });
    return page;
  }

  async logIn() {
    const { login } = kApps[this.name];
    const answer = await this.context.request.post(this.app.origin + login.replace("ada", encodeURIComponent(kUser)));
    assert.ok(answer.ok(), `${answer.status()} at login`);
  }

  open() {
    return this.page.goto(this.app.origin + kApps[this.name].page);
  }

  shows(text) {
    return until(async () => (await this.page.textContent("#log")).includes(text), () => `${text}:\n${this.lines.join("\n")}\n${this.app.log.slice(-2000)}`);
  }

  /** Writes in the page until it shows the line: what is written before the server is ready for it is lost, as without usher. */
  async chats(text) {
    if (this.proxy) await until(() => this.lines.at(-1) === "[WS] Connected", () => `the socket to be open:\n${this.lines.join("\n")}`, 40_000);
    await until(async () => {
      await this.page.fill("input", text);
      await this.page.press("input", "Enter");
      const shown = until(async () => (await this.page.textContent("#log")).includes(`${kUser}: ${text}`), "", 1_000);
      return shown.catch(() => false);
    }, () => `the page to chat:\n${this.lines.join("\n")}\n${this.app.log.slice(-2000)}\n${this.gateway.log.slice(-2000)}`, 40_000);
  }

  /** Logs in, opens the page and writes something: the state in which most rows begin. */
  async connect() {
    await this.logIn();
    await this.open();
    await this.chats("hello");
  }

  says(line, timeout) {
    return until(() => this.lines.includes(line), () => `${line}:\n${this.lines.join("\n")}\n${this.gateway.log.slice(-2000)}`, timeout);
  }

  async end() {
    await this.context?.close();
    this.proxy?.stop();
    this.upstream?.stop();
    this.refusing?.close();
    await this.app?.stop();
    for (const gateway of this.#gateways) await gateway.stop();
    await this.#redis?.kill();
    const secrets = new Set((await Promise.all(this.secrets)).flatMap(secretsIn));
    assertNoneIn(this.lines.join("\n"), secrets, "the page's console");
    assertNoneIn(this.app?.log ?? "", secrets, "the application's log");
    for (const { log } of this.#gateways) assertNoneIn(log, secrets, "the gateway's log");
  }
}
