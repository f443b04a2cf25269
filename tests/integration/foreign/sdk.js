import { Centrifuge } from "centrifuge";
import WebSocket from "ws";

/**
 * An SDK client of `gateway`, connected unless `connect` is false; its getToken returns a new ticket each time. `tickets`
 * holds those that it asked for.
 */
export async function connectSdk(gateway, { url = `${gateway.ws}/connection/websocket`, connect = true, ...options } = {}) {
  const guest = await gateway.guest();
  const tickets = [];
  const sdk = new Centrifuge(url, {
    websocket: WebSocket,
    minReconnectDelay: 20,
    maxReconnectDelay: 200,
    getToken: async () => {
      tickets.push(await gateway.ticket(guest.token));
      return tickets.at(-1);
    },
    ...options,
  });
  if (connect) {
    sdk.connect();
    await sdk.ready(10_000);
  }
  return { sdk, tickets, session: guest.session_id };
}
