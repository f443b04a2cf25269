import { Client } from "@stomp/stompjs";
import { until } from "../../integration/foreign/gateway.js";
import { Program, freePort } from "../programs.js";

let topics = 0;

/**
 * Debian's RabbitMQ with the web-stomp plugin, and npm's @stomp/stompjs. It has its own home, node name, cookie and epmd. Its
 * frames are binary, because a text frame cannot hold every payload.
 */
export const rabbitmq = {
  name: "rabbitmq",
  path: "/ws",
  door: "/stomp",
  binary: true,
  compresses: true,
  reconnects: true,
  async prepare(folder) {
    const epmd = await freePort();
    this.environment = {
      HOME: folder.path,
      ERL_EPMD_PORT: String(epmd),
      ERL_EPMD_ADDRESS: "127.0.0.1",
      RABBITMQ_NODENAME: `doors${process.pid}@localhost`,
      RABBITMQ_DIST_PORT: String(await freePort()),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
      RABBITMQ_MNESIA_BASE: folder.path,
      RABBITMQ_PID_FILE: `${folder.path}/pid`,
      RABBITMQ_LOGS: "-",
      RABBITMQ_ENABLED_PLUGINS_FILE: folder.write("enabled_plugins", "[rabbitmq_web_stomp]."),
      RUNNING_UNDER_SYSTEMD: "true",  // otherwise a shell stays between the broker and us
    };
    return Program.start(["/usr/bin/epmd", "-port", String(epmd), "-address", "127.0.0.1"], { port: epmd });
  },
  async start(port, folder) {
    const config = folder.write("rabbitmq.conf", `
listeners.tcp.1 = 127.0.0.1:${await freePort()}
stomp.listeners.tcp.1 = 127.0.0.1:${await freePort()}
web_stomp.tcp.ip = 127.0.0.1
web_stomp.tcp.port = ${port}
web_stomp.ws_frame = binary
`);
    return Program.start(["/usr/lib/rabbitmq/bin/rabbitmq-server"], {
      port, cwd: folder.path, timeout: 60_000, env: { ...this.environment, RABBITMQ_CONFIG_FILE: config },
    });
  },
  async connect(way, recording) {
    const destination = `/topic/exchange.${++topics}`;
    let subscribed = false;
    let answered = () => {};
    const client = new Client({
      webSocketFactory: () => new recording.WebSocket(way.url(), ["v12.stomp"]),
      connectHeaders: { login: "guest", passcode: "guest" },
      reconnectDelay: 50,
      onWebSocketClose: () => { subscribed = false; },
      onConnect: () => {
        client.subscribe(destination, (message) => answered(message), { receipt: "subscribed" });
        client.watchForReceipt("subscribed", () => { subscribed = true; });
      },
    });
    client.activate();
    await until(() => subscribed, "STOMP's subscription");
    return {
      up: () => subscribed,
      exchange: (payload) => new Promise((resolve) => {
        answered = (message) => resolve(typeof payload === "string" ? message.body : Buffer.from(message.binaryBody));
        client.publish({ destination, ...(typeof payload === "string" ? { body: payload } : { binaryBody: new Uint8Array(payload) }) });
      }),
      end: () => client.deactivate(),
    };
  },
};
