import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { until } from "../integration/foreign/gateway.js";
import { doorTests } from "./door_tests.js";
import { recordingSockets } from "./sockets.js";
import { ws } from "./upstreams/ws.js";

doorTests(ws, ({ ways, connect, log }) => {
  test("messages that the upstream sends in fragments arrive byte for byte", async () => {
    for (const way of ways()) {
      const client = await connect(way, recordingSockets(), { fragments: 7 });
      for (const payload of ["in seven parts", "x".repeat(1 << 20), randomBytes(1 << 20)]) {
        assert.ok(Buffer.from(payload).equals(Buffer.from(await client.exchange(payload))), way.name);
      }
    }
    assert.equal(log().match(/answering in 7 frames/g).length, 3 * ways().length);
  });

  test("a client's close code and reason reach the upstream", async () => {
    for (const [index, way] of ways().entries()) {
      const recording = recordingSockets();
      await connect(way, recording);
      recording.last.close(4321, `goodbye ${index}`);
      await until(() => log().includes(`closed 4321 'goodbye ${index}'`), () => `${way.name}: the upstream's line in ${log()}`);
      assert.equal((await recording.last.ended).code, 4321, "it is answered");
    }
  });

  test("an upstream's close code and reason reach the client", async () => {
    for (const way of ways()) {
      const recording = recordingSockets();
      await connect(way, recording, { close: "4567" });
      assert.deepEqual(await recording.last.ended, { code: 4567, reason: "enough" }, way.name);
    }
  });
});
