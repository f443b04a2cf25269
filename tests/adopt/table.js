// The failure table of contract section 2, for an application that has adopted usher: each row begins with a page that chats, then
// something is changed under it and its socket is cut.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { startApp } from "./apps.js";
import { kUser, launch, Stage, until } from "./stage.js";

const { WebSocket } = createRequire(import.meta.url)("ws");

const kQuietMs = 5_000;
const kForeign = ["http://other.example"];
const kSuccess = [
  "[WS] Ensuring JWT token exists...", "[WS] JWT ready", "[WS] Requesting WebSocket ticket...",
  "[WS] Ticket obtained, connecting to WebSocket...", "[WS] Connected",
];
const http = (status, code) => `[WS] Hard failure - auth error { status: ${status}, code: '${code}' }`;
const closed = (code, reason) => `[WS] Hard failure - stopping reconnect { code: ${code}, reason: '${reason}', wasClean: true }`;
const kStore = "[WS] Soft failure - service unavailable (503), will retry";
const kNetwork = "[WS] Soft failure - network error, will retry";

const lost = (code, reason) => `[WS] Disconnected { code: ${code}, reason: '${reason}', wasClean: true }`;

const cut = async (stage, change) => {
  stage.proxy.hold();
  await change();
  stage.proxy.cut();
};
const another = (options) => (stage) => cut(stage, async () => {
  await stage.killGateway();
  await stage.startGateway(options);
});

/** `change` is what happens; `line` is what the page says, once; afterwards it asks for nothing. */
const kHard = {
  "the token's signature is refused: 401": { change: another({ secret: "another secret than the one before it, 32 bytes" }), line: http(401, "INVALID_TOKEN") },
  "the token has no session: 401": { change: another({ sessionClaim: "device" }), line: http(401, "MISSING_SESSION") },
  "the page's Origin is refused at the ticket: 403": { change: another({ origins: kForeign }), line: http(403, "ORIGIN_BLOCKED") },
  "the page's Origin is refused at the socket: 1008": {
    change: async (stage) => {
      stage.proxy.socketBackend = (await stage.startGateway({ origins: kForeign, aside: true })).address;
      stage.proxy.cut();
    },
    line: closed(1008, "ORIGIN_BLOCKED"),
  },
  "the ticket was used by another: 1008": {
    change: async (stage) => {
      stage.proxy.onTicket = (ticket) => spend(stage, ticket);
      stage.proxy.cut();
    },
    line: closed(1008, "NOT_AUTHORIZED"),
  },
  "the session is revoked while it chats: 3520": {
    change: (stage) => stage.gateway.api("revoke", { user: kUser }),
    line: closed(3520, "SESSION_REVOKED"),
  },
  "the backend ends the connection for good: 3503": {
    change: (stage) => stage.gateway.api("disconnect", { user: kUser }),
    line: closed(3503, "FORCE_DISCONNECT"),
  },
  "the application lets this user in no more: 3522": {
    change: async (stage) => {
      stage.upstream.backend = await stage.startRefusing();
      stage.upstream.cut();
    },
    line: closed(3522, "UPSTREAM_REFUSED"),
  },
};

/** `mend` puts an end to it; then the page chats again. `line`: what it says meanwhile, twice if `again`. */
const kSoft = {
  "Redis is away: 503": {
    redis: true,
    change: (stage) => cut(stage, () => stage.killRedis()),
    line: kStore,
    again: true,
    mend: (stage) => stage.startRedis(),
  },
  "nobody answers": {
    change: (stage) => cut(stage, () => stage.killGateway()),
    line: kNetwork,
    again: true,
    mend: (stage) => stage.startGateway(),
  },
  "the application is away: 1013": {
    change: async (stage) => {
      stage.upstream.backend = "127.0.0.1:9";
      stage.upstream.cut();
    },
    line: lost(1013, "UPSTREAM_UNAVAILABLE"),
    again: true,
    mend: (stage) => { stage.upstream.backend = stage.app.address; },
  },
  "usher is stopped for a deploy: 1001": {
    change: (stage) => stage.gateway.child.kill("SIGTERM"),
    line: lost(1001, "SERVER_SHUTDOWN"),
    mend: (stage) => stage.startGateway(),
  },
  "the ticket is too old when it arrives: 3100": {
    change: async (stage) => {
      await another({ ticketTtl: "1s" })(stage);
      stage.proxy.onTicket = () => until(async () => (await stage.gateway.metric("usher_tickets_live")) === 0, "the ticket to expire");
    },
    line: lost(3100, "TICKET_EXPIRED"),
    mend: (stage) => { stage.proxy.onTicket = null; },
  },
};

async function spend(stage, ticket) {
  const socket = new WebSocket(`${stage.gateway.ws}/ws?ticket=${ticket}`, { headers: { Origin: stage.app.origin } });
  await new Promise((resolve, reject) => {
    socket.once("message", () => resolve(socket.terminate()));
    socket.once("close", () => reject(new Error("the ticket was refused")));
    socket.once("error", reject);
  });
}

/** Every row, for the application of that name. `storms`: its own page reconnects for ever. */
export function testTable(name, { storms = false } = {}) {
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser?.close());
  const row = (title, body, options) => test(`${name}: ${title}`, async () => {
    const stage = new Stage(browser, name);
    try {
      await stage.begin(options);
      await body(stage);
    } finally {
      await stage.end();
    }
  });

  describe(`${name} as it comes`, () => {
    test(`${name}: the stock application chats without usher`, async () => {
      const stage = new Stage(browser, name);
      stage.app = await startApp(name);
      stage.gateway = { log: "" };
      try {
        stage.context = await browser.newContext();
        stage.page = await stage.context.newPage();
        await stage.connect();
      } finally {
        await stage.end();
      }
    });

    if (storms) test(`${name}: the stock page comes back for ever when nobody is logged in`, async () => {
      const stage = new Stage(browser, name);
      stage.app = await startApp(name);
      try {
        stage.context = await browser.newContext();
        stage.page = await stage.context.newPage();
        let sockets = 0;
        stage.page.on("websocket", () => { sockets += 1; });
        await stage.open();
        await until(() => sockets >= 4, () => `the fourth socket, after ${sockets}`);
      } finally {
        await stage.end();
      }
    });
  });

  describe(`${name} with usher`, { concurrency: 6 }, () => {
    row("the page logs in, chats, and says so in five lines", async (stage) => {
      await stage.connect();
      assert.deepEqual(stage.lines, kSuccess);
      assert.equal(stage.proxy.count("POST /auth/ticket"), 1);
    });

    row("the token is not there yet: no ticket is asked for before it", async (stage) => {
      await stage.logIn();
      let answered = false;
      await stage.page.route(/\/token\/?$/, async (route) => {
        await until(() => stage.lines.length > 0, "the first line");
        assert.equal(stage.proxy.count("POST /auth/ticket"), 0);
        answered = true;
        await route.continue();
      });
      await stage.open();
      await stage.chats("hello");
      assert.ok(answered);
      assert.deepEqual(stage.lines, kSuccess);
    });

    row("nobody is logged in: it stops before a ticket is asked for", async (stage) => {
      await stage.open();
      await stage.says("[WS] Token request failed: 401 UNAUTHORIZED - stopping reconnect");
      await stage.page.waitForTimeout(kQuietMs);
      assert.deepEqual(stage.proxy.requests, []);
    });

    for (const [title, { change, line }] of Object.entries(kHard)) {
      row(`${title}: it stops`, async (stage) => {
        await stage.connect();
        await change(stage);
        await stage.says(line);
        const asked = stage.proxy.requests.length;
        await stage.page.waitForTimeout(kQuietMs); // what is tested: that nothing comes in this time
        assert.deepEqual(stage.proxy.requests.slice(asked), []);
        assert.equal(stage.lines.filter((each) => each === line).length, 1, stage.lines.join("\n"));
        assert.ok(!stage.lines.slice(stage.lines.indexOf(line)).includes(kSuccess[0]), stage.lines.join("\n"));
      });
    }

    for (const [title, { redis, change, line, again, mend }] of Object.entries(kSoft)) {
      row(`${title}: it backs off, and chats again when that is over`, async (stage) => {
        await stage.connect();
        await change(stage);
        const times = again ? 2 : 1;
        await until(() => stage.lines.filter((each) => each === line).length >= times, () => `${line}:\n${stage.lines.join("\n")}`, 40_000);
        await mend(stage);
        await stage.chats("back again");
      }, { redis });
    }
  });
}
