import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { until } from "../../integration/foreign/gateway.js";
import { Program } from "../programs.js";

const server = join(dirname(createRequire(import.meta.url).resolve("@y/websocket-server/package.json")), "src/server.js");
let rooms = 0;

/**
 * Yjs: the program `y-websocket-server` and its provider. All its frames are binary. The peer of an exchange is a second
 * provider, which always comes without usher.
 */
export const yWebsocket = {
  name: "y-websocket",
  path: "/yjs/",
  door: "/yjs/*",
  binary: true,
  compresses: false,
  reconnects: true,
  start: (port) => Program.start([process.execPath, server], { port, env: { HOST: "127.0.0.1", PORT: String(port) } }),
  async connect(way, recording, port) {
    const room = `room${++rooms}`;
    const enter = (base, options) => {
      const doc = new Y.Doc();
      const provider = new WebsocketProvider(`${base}/yjs`, room, doc, { disableBc: true, maxBackoffTime: 100, ...options });
      return { provider, map: doc.getMap("exchange") };
    };
    const here = enter(way.base, { WebSocketPolyfill: recording.WebSocket, connect: false });
    Object.defineProperty(here.provider, "params", { get: () => way.params() });
    here.provider.connect();
    const there = enter(`ws://127.0.0.1:${port}`, { WebSocketPolyfill: WebSocket });
    there.map.observe(({ keysChanged }) => {
      if (keysChanged.has("question")) there.map.set("answer", there.map.get("question"));
    });
    await until(() => here.provider.synced && there.provider.synced, "both to be in step");
    return {
      up: () => here.provider.synced && there.provider.synced,
      exchange: (payload) => new Promise((resolve) => {
        here.map.observe(function look({ transaction, keysChanged }) {
          if (transaction.local || !keysChanged.has("answer")) return;
          here.map.unobserve(look);
          resolve(here.map.get("answer"));
        });
        here.map.set("question", typeof payload === "string" ? payload : new Uint8Array(payload));
      }),
      end() {
        for (const { provider } of [here, there]) {
          provider.destroy();
          provider.doc.destroy();
        }
      },
    };
  },
};
