// A door in front of an application's WebSocket server that selects subprotocols as usher's tunnel does, for tests with real sockets.
// tests/integration/foreign/tunnel.test.js has usher itself.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

export class Door {
  readonly http: Server;
  readonly live: WebSocket[] = [];
  readonly urls: string[] = [];
  tickets = 0;
  upgrades = 0;
  /** What the next sockets are refused with. */
  refusal: [number, string] | null = null;
  ticketStatus = 200;
  onSocket = (socket: WebSocket): void => void socket.on('message', (data, binary) => socket.send(data, { binary }));
  readonly #known = new Set<string>();
  readonly server: WebSocketServer;

  constructor() {
    // As usher does: a refusal selects its own name, success the application's choice or `usher.accepted`.
    const select = (offered: Set<string>): string | false =>
      this.refusal ? 'usher.refused' : ([...offered].find((name) => !name.startsWith('usher.')) ?? 'usher.accepted');
    this.server = new WebSocketServer({ noServer: true, handleProtocols: select });
    this.http = createServer((request, response) => {
      if (request.url !== '/auth/ticket' || request.headers.authorization !== 'Bearer jwt') return response.writeHead(404).end('{}');
      const ticket = `${++this.tickets}`.padStart(32, '0');
      this.#known.add(ticket);
      const body = this.ticketStatus === 200 ? { ticket, expires_in: 30 } : { code: 'STORE_UNAVAILABLE', retry_after_ms: 0 };
      response.writeHead(this.ticketStatus, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    });
    this.http.on('upgrade', (request, socket, head) => {
      this.upgrades += 1;
      const url = new URL(request.url ?? '', 'http://door');
      const ticket = url.searchParams.get('ticket') ?? '';
      if (!this.#known.delete(ticket)) return socket.destroy();
      url.searchParams.delete('ticket');
      this.urls.push(url.pathname + url.search);
      this.server.handleUpgrade(request, socket, head, (accepted) => {
        this.live.push(accepted);
        if (this.refusal) accepted.close(...this.refusal);
        else this.onSocket(accepted);
      });
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.http.address() as AddressInfo).port}/board?room=7`;
  }

  get last(): WebSocket {
    return this.live.at(-1) as WebSocket;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.http.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    for (const socket of this.live) socket.terminate();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }
}
