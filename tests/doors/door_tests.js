// What every upstream must show behind the door. `doorTests(upstream)` registers the tests of one upstream, and `more` its own.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, describe, test } from "node:test";
import { until } from "../integration/foreign/gateway.js";
import { Folder, connectionsOf, freePort } from "./programs.js";
import { recordingSockets } from "./sockets.js";
import { Direct, Door } from "./ways.js";

const kMiB = 1 << 20;
const kTexts = ["hello", "κόσμε 😀", "line one\nline two\t\"quoted\" \\ \u0001", "x".repeat(126)];
const kBinaries = [Buffer.from([0]), Buffer.from(Array.from({ length: 256 }, (_, i) => i))];

/** Buffers of a megabyte are compared as a whole: assert would print their difference. */
function assertSame(answer, payload, way) {
  const length = (value) => (typeof value === "string" ? `text of ${value.length}` : `binary of ${value.length}`);
  const same = typeof payload === "string" ? answer === payload : Buffer.compare(Buffer.from(answer), payload) === 0;
  assert.ok(same, `${way.name}: sent a ${length(payload)}, got a ${length(answer)}`);
}

export function doorTests(upstream, more = () => {}) {
  describe(upstream.name, () => {
    const long = upstream.longBytes ?? kMiB;
    const longText = "0123456789abcdef".repeat(long / 16);
    const folder = new Folder();
    const clients = [];
    let helper;
    let program;
    let port;
    let direct;
    let door;
    const ways = () => [direct, door];
    const start = async () => { program = await upstream.start(port, folder); };

    const stop = async () => {
      await door?.stop();
      await program?.stop();
      await helper?.stop();
      folder.remove();
    };

    before(async () => {
      try {
        port = await freePort();
        helper = await upstream.prepare?.(folder);
        await start();
        direct = new Direct(upstream, port);
        door = await Door.start(upstream, port);
      } catch (error) {
        await stop();  // Node does not call `after` then
        throw error;
      }
    });
    afterEach(async () => {
      for (const client of clients.splice(0)) client.end();
      await until(() => connectionsOf(port) === 0, "the upstream to see that the clients have left");
    });
    after(stop);

    const connect = async (way, recording = recordingSockets(), query) => {
      await way.open();
      const client = await upstream.connect(way, recording, port, query);
      clients.push(client);
      return client;
    };
    /** Sends each payload and expects it back, on each way. */
    const exchangeOnEachWay = async (payloads, options) => {
      for (const way of ways()) {
        const client = await connect(way, recordingSockets(options));
        for (const payload of payloads) assertSame(await client.exchange(payload), payload, way);
      }
    };

    test("text comes back byte for byte", () => exchangeOnEachWay(kTexts));
    test(`${long} bytes of text come back byte for byte`, () => exchangeOnEachWay([longText]));
    test("fragmented messages come back byte for byte", () =>
      exchangeOnEachWay([...kTexts, ...(upstream.binary ? kBinaries : [])], { fragments: true }));
    if (upstream.binary) {
      test("binary comes back byte for byte", () => exchangeOnEachWay(kBinaries));
      test(`${long} bytes that are random come back byte for byte`, () => exchangeOnEachWay([randomBytes(long)]));
    }

    test("the two ends agree on the same subprotocol and extensions as without the door", async () => {
      for (const way of ways()) {
        const recording = recordingSockets();
        const client = await connect(way, recording);
        const { extensions, protocol, tcp } = recording.last;
        assert.equal("permessage-deflate" in recording.last._extensions, upstream.compresses, `${way.name}: ${extensions}`);
        way.agreed = { extensions, protocol };
        // What repeats takes a fraction of its length in both directions, where it is compressed.
        const before = { read: tcp.bytesRead, written: tcp.bytesWritten };
        await client.exchange(longText);
        const compressed = (bytes) => bytes < long / 10;
        assert.equal(compressed(tcp.bytesWritten - before.written), upstream.compresses, `${way.name}: sent`);
        assert.equal(compressed(tcp.bytesRead - before.read), upstream.compresses, `${way.name}: received`);
      }
      for (const way of ways()) assert.deepEqual(way.agreed, direct.agreed);
    });

    test("the upstream sees that a client has left", async () => {
      for (const way of ways()) {
        const recording = recordingSockets();
        const client = await connect(way, recording);
        await client.exchange("here");
        assert.ok(connectionsOf(port) > 0, "the test can see connections");
        client.end();
        clients.pop();
        await until(() => connectionsOf(port) === 0, `${way.name}: the upstream to see the end`);
      }
    });

    test("after a revocation the client is told 3520 and the upstream sees the end", async () => {
      const recording = recordingSockets();
      const client = await connect(door, recording);
      await client.exchange("before");
      assert.ok((await door.revoke()).result);
      assert.deepEqual(await recording.sockets[0].ended, { code: 3520, reason: "SESSION_REVOKED" });
      client.end();
      clients.pop();
      await until(() => connectionsOf(port) === 0, "the upstream to see the end");
    });

    test("a gateway that drains tells the client 1001 and ends both sides", async () => {
      const leaving = await Door.start(upstream, port);
      const recording = recordingSockets();
      const client = await connect(leaving, recording);
      await client.exchange("before");
      leaving.gateway.child.kill("SIGTERM");
      assert.deepEqual(await recording.sockets[0].ended, { code: 1001, reason: "SERVER_SHUTDOWN" });
      client.end();
      clients.pop();
      await until(() => connectionsOf(port) === 0, "the upstream to see the end");
      await until(() => leaving.gateway.child.exitCode !== null, "the gateway to end");
      assert.equal(leaving.gateway.child.exitCode, 0);
      await leaving.stop();
    });

    test("an upstream that is killed ends its clients, refuses readably, and works again after a restart", async () => {
      for (const way of ways()) {
        const recording = recordingSockets();
        const client = await connect(way, recording);
        await client.exchange("before");
        await program.stop();
        const { code } = await recording.sockets[0].ended;
        assert.equal(code, 1006, `${way.name}: nobody said goodbye`);
        if (way === door) {
          const attempts = recordingSockets();
          const attempt = new attempts.WebSocket(way.url());
          assert.deepEqual(await attempt.ended, { code: 1013, reason: "UPSTREAM_UNAVAILABLE" });
        }
        await start();
        if (upstream.reconnects) {
          await until(() => client.up(), `${way.name}: the library to come back by itself`);
          assert.ok(recording.sockets.length > 1);
          assertSame(await client.exchange("after"), "after", way);
        } else {
          const next = await connect(way);
          assertSame(await next.exchange("after"), "after", way);
        }
      }
    });

    more({ ways, connect, log: () => program.log, door: () => door });
  });
}
