// The two ways on which a stock client reaches a stock server: directly, and through usher's door.
import { startGateway } from "../integration/foreign/gateway.js";

/** Libraries that reconnect ask for a URL at once, and a ticket comes from a request: some are fetched before they are needed. */
const kStock = 10;

/** Without usher: the comparison. */
export class Direct {
  name = "directly";

  constructor(upstream, port) {
    this.path = upstream.path;
    this.base = `ws://127.0.0.1:${port}`;
  }

  /** The query's parameters for the next connection. */
  params() {
    return {};
  }

  /** The URL of the next connection; `query` is the library's own. */
  url(query = {}) {
    const params = new URLSearchParams({ ...query, ...this.params() }).toString();
    return `${this.base}${this.path}${params && `?${params}`}`;
  }

  async open() {}
  async stop() {}
}

/** Behind usher. Each connection takes a ticket of the one guest that the way stands for. */
export class Door extends Direct {
  name = "through the door";
  #stock = [];
  #refill;

  static async start(upstream, port) {
    const way = new Door(upstream, port);
    const path = upstream.door ?? upstream.path;
    way.path = path.replace("*", "");
    way.gateway = await startGateway({ config: `
[[upstreams]]
name = "${upstream.name}"
path = "${path}"
url = "http://127.0.0.1:${port}${upstream.path}"
` });
    way.base = way.gateway.ws;
    return way;
  }

  /** Makes a new guest the client of this way. */
  async open() {
    const { token, session_id: session } = await this.gateway.guest();
    this.session = session;
    this.#stock = [];
    this.#refill = async () => { this.#stock.push(await this.gateway.ticket(token)); };
    await Promise.all(Array.from({ length: kStock }, this.#refill));
  }

  params() {
    const ticket = this.#stock.shift();
    if (!ticket) throw new Error("the library took more tickets than were fetched for it");
    this.#refill().catch(() => {});  // the gateway may have gone
    return { ticket };
  }

  revoke() {
    return this.gateway.api("revoke", { session: this.session, ttl: 60 });
  }

  stop() {
    return this.gateway.stop();
  }
}
