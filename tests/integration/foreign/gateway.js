// A real `usher serve` on ports that the kernel chose, for the tests with foreign clients.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertNoneIn, secretsIn } from "./secrets.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const binary = join(process.env.USHER_BIN_DIR ?? join(root, "build/dev/bin"), "usher");
const SECRET = "the secret of the foreign clients' tests, 32+";
export const API_KEY = "a foreign client's test key, long enough";

/** Starts a gateway. `config` is appended to the TOML; `ticketTtl`, `listen` and `origins` as in the configuration. */
export async function startGateway({
  config = "", ticketTtl = "30s", listen = "127.0.0.1:0", origins = ["http://page.example"], secret = SECRET,
  sessionClaim = "sessionId", args = [],
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), "usher-foreign-"));
  const file = (name, text) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const settings = `
[server]
listen = "${listen}"
threads = 2
[admin]
listen = "127.0.0.1:0"
[api]
key_file = "${file("api.key", API_KEY)}"
[jwt]
secret_file = "${file("jwt.secret", secret)}"
session_claim = "${sessionClaim}"
[guest]
enabled = true
[client]
allowed_origins = ${JSON.stringify(origins)}
[ticket]
ttl = "${ticketTtl}"
[shutdown]
timeout = "1s"
[limits]
tokens_per_address = "100000/1s"
tickets_per_session = "0"
[[channel.namespaces]]
name = "chat"
subscribe = "anyone"
publish = "anyone"
history_size = 100
history_ttl = "5m"
recovery = true
presence = true
join_leave = true
${config}`;
  const child = spawn(binary, ["serve", "--config", file("usher.toml", settings), ...args], { stdio: ["ignore", "ignore", "pipe"] });
  // `issued`: all texts that hold a token or ticket which went through here.
  const gateway = { log: "", child, folder, issued: [] };
  const started = new Promise((resolve, reject) => {
    child.stderr.on("data", (chunk) => {
      gateway.log += chunk;
      if (gateway.log.includes("file limit")) resolve();
    });
    child.on("exit", (code) => reject(new Error(`the gateway exited with ${code}:\n${gateway.log}`)));
  });
  await started;
  gateway.address = gateway.log.match(/listening \{ address: '([^']*)' \}/)[1];
  gateway.admin = gateway.log.match(/listening \{ address: '([^']*)', for: 'admin' \}/)[1];
  gateway.http = `http://${gateway.address}`;
  gateway.ws = `ws://${gateway.address}`;

  gateway.post = async (path, { headers = {}, body } = {}) => {
    const response = await fetch(gateway.http + path, { method: "POST", headers, body });
    const text = await response.text();
    if (path.startsWith("/auth/")) gateway.issued.push(text);
    return { status: response.status, ...JSON.parse(text) };
  };
  gateway.jwt = ({ life, ...claims }) => {
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const input = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ ...claims, exp: Math.floor(Date.now() / 1000) + life })}`;
    const token = `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
    gateway.issued.push(token);
    return token;
  };
  gateway.guest = () => gateway.post("/auth/token");
  gateway.ticket = async (token, wishes) => {
    const body = wishes ? JSON.stringify({ subs: wishes }) : undefined;
    const answer = await gateway.post("/auth/ticket", { headers: { Authorization: `Bearer ${token}` }, body });
    return answer.ticket;
  };
  gateway.api = (method, params) =>
    gateway.post(`/api/${method}`, { headers: { "X-API-Key": API_KEY }, body: JSON.stringify(params) });
  gateway.metric = async (name) => {
    const text = await (await fetch(`http://${gateway.admin}/metrics`)).text();
    return text.split("\n").filter((line) => line.startsWith(name) && !line.startsWith("#"))
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  };
  gateway.stop = async () => {
    const exited = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGINT");
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
    const crashed = ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE"].includes(child.signalCode) || child.exitCode === 66;
    if (crashed) throw new Error(`the gateway crashed (${child.signalCode}):\n${gateway.log.slice(-10_000)}`);
    assertNoneIn(gateway.log, new Set(gateway.issued.flatMap(secretsIn)), "the gateway's log");
  };
  return gateway;
}

/** The next event of that name, as a promise. */
export function once(emitter, name) {
  return new Promise((resolve) => emitter.once(name, resolve));
}

/** Waits for a condition, never for a time. `what`: a text, or a function that makes one. */
export async function until(condition, what, timeout = 20_000) {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${timeout} ms for ${what instanceof Function ? what() : what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
