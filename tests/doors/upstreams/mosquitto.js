import { join } from "node:path";
import mqtt from "mqtt";
import { Program } from "../programs.js";

let topics = 0;

/**
 * Debian's mosquitto with a WebSocket listener, and npm's mqtt. A payload is bytes, whatever they mean. mosquitto reads 4 KiB
 * in 100 ms from a WebSocket: 1 MiB is for the nightly run. The listener on a Unix socket has no use here; mosquitto 2.0.11
 * does not start with a WebSocket listener alone.
 */
export const mosquitto = {
  name: "mosquitto",
  path: "/mqtt",
  binary: true,
  compresses: false,
  reconnects: true,
  longBytes: 16_384,
  start: (port, folder) => Program.start(["/usr/sbin/mosquitto", "-c", folder.write("mosquitto.conf", `
listener ${port} 127.0.0.1
protocol websockets
listener 0 ${join(folder.path, "mosquitto.sock")}
allow_anonymous true
persistence false
user root
log_dest stdout
log_type all
`)], { port }),
  async connect(way, recording) {
    const client = mqtt.connect(way.base, {
      createWebsocket: (_, protocols) => new recording.WebSocket(way.url(), protocols),
      reconnectPeriod: 50, connectTimeout: 5_000,
    });
    client.on("error", () => {});  // it comes back by itself
    const topic = `exchange/${++topics}`;
    await new Promise((resolve) => client.once("connect", resolve));
    await client.subscribeAsync(topic, { qos: 1 });
    return {
      up: () => client.connected,
      exchange: (payload) => new Promise((resolve) => {
        client.once("message", (_, bytes) => resolve(typeof payload === "string" ? bytes.toString() : bytes));
        client.publish(topic, payload);
      }),
      end: () => client.end(),
    };
  },
};
