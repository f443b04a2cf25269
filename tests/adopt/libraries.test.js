// graphql-ws, socket.io and y-websocket with the lines of docs/doors/node.md: each lets its user in, and asks for nothing more once the
// user's session is revoked, however often the library itself tries again.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startCountingProxy } from "../browser/counting_proxy.js";
import { API_KEY, startGateway, until } from "../integration/foreign/gateway.js";
import { freePort } from "./apps.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const kUser = "Zoë +1%";
const kQuietMs = 5_000;

/** The block of a page after its mark; each exchange must find something. */
function block(library, part, exchanges = {}, page = "doors/node.md") {
  const mark = `${library} ${part}`.trim().replaceAll(".", "\\.");
  let [, text] = readFileSync(join(root, "docs", page), "utf8").match(new RegExp(`<!-- run: ${mark} -->\\n\`\`\`js\\n([^]*?)\`\`\`\\n`)) ?? [];
  assert.ok(text, `the page has no block \`${library} ${part}\``);
  for (const [old, now] of Object.entries(exchanges)) {
    assert.ok(text.includes(old), `the page has no ${old}`);
    text = text.replaceAll(old, now);
  }
  return text;
}

const kLibraries = {
  "graphql-ws": {
    upstream: (port) => `path = "/graphql"\nurl = "http://127.0.0.1:${port}/graphql"`,
    server: (port) => `
import { createServer } from "node:http";
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";
const whoami = { type: GraphQLString, resolve: (_, __, { user }) => user };
const forever = { type: GraphQLString, subscribe: async function* () { yield { forever: "x" }; await new Promise(() => {}); } };
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: "Query", fields: { whoami } }),
  subscription: new GraphQLObjectType({ name: "Subscription", fields: { forever } }),
});
const server = createServer();
${block("graphql-ws", "server")}
server.listen(${port}, "127.0.0.1");`,
    page: (base) => `${block("graphql-ws", "page", { "wss://app.example.com": base.replace("http", "ws") })}
const sink = (done) => ({ next: done, error: () => {}, complete: () => {} });
client.subscribe({ query: "subscription { forever }" }, sink(() => {}));
client.subscribe({ query: "{ whoami }" }, sink(({ data }) => console.log("user", data.whoami)));`,
  },
  "socket.io": {
    upstream: (port) => `path = "/socket.io/"\nurl = "http://127.0.0.1:${port}/socket.io/"`,
    server: (port) => `
import { createServer } from "node:http";
import { Server } from "socket.io";
const server = createServer();
const io = new Server(server, { transports: ["websocket"] });
${block("socket.io", "server")}
io.on("connection", (socket) => socket.emit("user", socket.data.user));
server.listen(${port}, "127.0.0.1");`,
    page: (base) => `${block("socket.io", "page", { "https://app.example.com": base })}
socket.on("user", (user) => console.log("user", user));`,
  },
  "y-websocket": {
    upstream: (port) => `path = "/docs/*"\nurl = "http://127.0.0.1:${port}/"\nwho = "users"`,
    server: (port) => `
process.env.HOST = "127.0.0.1";
process.env.PORT = "${port}";
const { createRequire } = await import("node:module");
const { dirname } = await import("node:path");
await import(\`\${dirname(createRequire(import.meta.url).resolve("@y/websocket-server/package.json"))}/src/server.js\`);`,
    page: (base) => `import * as Y from "yjs";
const doc = new Y.Doc();
${block("y-websocket", "page", { "wss://app.example.com": base.replace("http", "ws") })}
provider.on("sync", (synced) => synced && console.log("user", ${JSON.stringify(kUser)}));`,
  },
};

/** A module in a folder where the libraries are those of tests/doors, and usher-client is this repository's. */
class Play {
  #children = [];

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "usher-libraries-"));
    symlinkSync(join(root, "tests/doors/node_modules"), join(this.folder, "node_modules"));
    mkdirSync(join(this.folder, "page/node_modules"), { recursive: true });
    symlinkSync(join(root, "clients/typescript"), join(this.folder, "page/node_modules/usher-client"));
  }

  run(name, text) {
    writeFileSync(join(this.folder, name), text);
    const child = spawn(process.execPath, [name], { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    const run = { log: "", child };
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => { run.log += chunk; });
    this.#children.push(child);
    return run;
  }

  end() {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const listens = (port) => new Promise((resolve) => {
  const probe = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false)).on("connect", () => probe.destroy());
});

describe("libraries that make their own sockets", { concurrency: 3 }, () => {
  for (const [name, { upstream, server, page }] of Object.entries(kLibraries)) {
    test(`${name} with the lines of the page: in, and after a revocation silent`, async () => {
      const play = new Play();
      let gateway;
      let proxy;
      try {
        const port = await freePort();
        const served = play.run("server.mjs", server(port));
        await until(() => listens(port), () => `the server of ${name}:\n${served.log}`);
        gateway = await startGateway({ config: `[[upstreams]]\nname = "library"\n${upstream(port)}\n` });
        proxy = await startCountingProxy(gateway.address);
        const token = gateway.jwt({ sub: kUser, sessionId: "s1", life: 300 });
        const before = `globalThis.WebSocket = (await import("ws")).WebSocket;\nconst token = () => ${JSON.stringify(token)};\n`;
        const run = play.run("page/page.mjs", before + moved(page(proxy.url)));
        await until(() => run.log.includes(`user ${kUser}\n`), () => `the user's name:\n${run.log}\n${gateway.log}`);
        assert.equal(proxy.count("POST /auth/ticket"), 1);

        await gateway.api("revoke", { user: kUser });
        await until(() => /Hard failure - stopping reconnect \{ code: 3520/.test(run.log), () => `the hard failure:\n${run.log}`);
        const asked = proxy.requests.length;
        await new Promise((resolve) => setTimeout(resolve, kQuietMs)); // what is tested: that nothing comes in this time
        assert.deepEqual(proxy.requests.slice(asked), []);
        assert.ok([null, 0].includes(run.child.exitCode), run.log); // 0: the library has given up, and nothing else keeps the process
      } finally {
        play.end();
        proxy?.stop();
        await gateway?.stop();
      }
    });
  }
});

test("a server that redeems tickets itself, with the lines of the page: in once, and not from another Origin", async () => {
  const play = new Play();
  let gateway;
  try {
    const port = await freePort();
    gateway = await startGateway();
    const redeem = block("redeem", "server", { "http://127.0.0.1:8090": gateway.http, "process.env.USHER_API_KEY": JSON.stringify(API_KEY) });
    const served = play.run("server.mjs", `import { createServer } from "node:http";
import { WebSocketServer } from "ws";
const server = createServer();
const wss = new WebSocketServer({ noServer: true });
wss.on("connection", (peer, user) => peer.send(user));
${redeem}
server.listen(${port}, "127.0.0.1");`);
    await until(() => listens(port), () => `the server:\n${served.log}`);

    const five = block("page", "", {
      "(await fetch('/token', { method: 'POST' })).text()": JSON.stringify(gateway.jwt({ sub: kUser, sessionId: "s1", life: 300 })),
      "https://app.example.com": gateway.http,
      "wss://app.example.com": `ws://127.0.0.1:${port}`,
    }, "doors.md");
    const run = play.run("page/page.mjs", `globalThis.WebSocket = (await import("ws")).WebSocket;
${five}
socket.onmessage = async ({ data }) => {
  console.log("user", data);
  for (const origin of ["none", "foreign"]) await new Promise((resolve) => {
    const again = origin === "none" ? ticket : ${JSON.stringify(await gateway.ticket(gateway.jwt({ sub: kUser, sessionId: "s1", life: 300 })))};
    new WebSocket(\`ws://127.0.0.1:${port}/board?ticket=\${again}\`, { headers: origin === "none" ? {} : { Origin: "http://evil.example" } })
      .on("unexpected-response", (_, { statusCode }) => resolve(console.log(origin, statusCode)));
  });
};`);
    await until(() => run.log.includes("foreign 401\n"), () => `three attempts:\n${run.log}\n${served.log}\n${gateway.log}`);
    assert.equal(run.log, `user ${kUser}\nnone 401\nforeign 401\n`);
  } finally {
    play.end();
    await gateway?.stop();
  }
});

/** The lines with their imports made dynamic, so that they run after globalThis.WebSocket is there: browsers have it from the start. */
function moved(text) {
  return text
    .replace(/^import \* as (\w+) from (".*?");$/gm, "const $1 = await import($2);")
    .replace(/^import \{([^}]*)\} from (".*?");.*$/gm, (_, names, from) => `const {${names.replaceAll(" as ", ": ")}} = await import(${from});`);
}
