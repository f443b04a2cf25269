import { connect } from "nats.ws";
import { Program, freePort } from "../programs.js";

let subjects = 0;

/** Debian's nats-server with a WebSocket listener, and npm's nats.ws. A payload is bytes, whatever they mean. */
export const nats = {
  name: "nats",
  path: "/",
  door: "/nats",
  binary: true,
  compresses: true,
  reconnects: true,
  start: async (port, folder) => Program.start(["/usr/sbin/nats-server", "-c", folder.write("nats.conf", `
listen: "127.0.0.1:${await freePort()}"
max_payload: 2097152
websocket { listen: "127.0.0.1:${port}", no_tls: true, compression: true }
`)], { port }),
  async connect(way, recording) {
    const client = await connect({
      servers: way.base, reconnectTimeWait: 50, reconnectJitter: 0, maxReconnectAttempts: -1,
      wsFactory: async () => ({ socket: new recording.WebSocket(way.url()), encrypted: false }),
    });
    let up = true;
    (async () => {
      for await (const { type } of client.status()) {
        if (type === "disconnect") up = false;
        if (type === "reconnect") up = true;
      }
    })();
    const subject = `exchange.${++subjects}`;
    const answers = client.subscribe(subject)[Symbol.asyncIterator]();
    return {
      up: () => up,
      async exchange(payload) {
        client.publish(subject, Buffer.from(payload));
        const { value } = await answers.next();
        return typeof payload === "string" ? Buffer.from(value.data).toString() : value.data;
      },
      end: () => client.close(),
    };
  },
};
