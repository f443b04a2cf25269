// A world for sockets whose messages are the application's own.

import { ticketWebSocket, type TicketWebSocketOptions, UsherSocket, type UsherSocketOptions } from '../src/socket';
import { FakeSocket, until, World } from './fakes';

/** The platform's WebSocket: what it sends stays as it is. */
export class RawFakeSocket extends FakeSocket {
  protocol = '';
  extensions = '';
  bufferedAmount = 0;
  binaryType: unknown = '';
  farewell: unknown[] | null = null;
  override send(data: any): void {
    this.sent.push(data);
  }
  override close(code?: number, reason?: string): void {
    this.closedWith = code ?? 1005;
    this.farewell = [code, reason];
  }
  open(protocol = 'usher.accepted'): void {
    this.protocol = protocol;
    this.onopen?.({});
  }
  message(data: unknown): void {
    this.onmessage?.({ data });
  }
}

export class SocketWorld extends World {
  /** `type` and what else it says, of every event of every watched socket. */
  readonly seen: unknown[] = [];

  usherSocket(options: UsherSocketOptions = {}, url = 'https://gw.example/board', protocols?: string | string[]): UsherSocket {
    return this.watch(new UsherSocket(url, protocols, { ...this.options(RawFakeSocket), token: 'jwt', ...options }));
  }

  ticketClass(options: TicketWebSocketOptions = {}) {
    const { platform, ...given } = this.options(RawFakeSocket);
    return ticketWebSocket({ ...given, token: 'jwt', ...options });
  }

  watch<Socket extends EventTarget>(socket: Socket, name?: string): Socket {
    for (const type of ['open', 'reopen', 'lost', 'error', 'close', 'message']) {
      socket.addEventListener(type, (event: any) => {
        const what = type === 'message' ? [type, event.data] : 'code' in event ? [type, event.code, event.reason, event.wasClean] : [type];
        this.seen.push(name ? [name, ...what] : what.length > 1 ? what : type);
      });
    }
    return socket;
  }

  override get socket(): RawFakeSocket {
    return super.socket as RawFakeSocket;
  }

  /** Answers the ticket call, and lets the socket in. */
  async letIn(protocol?: string): Promise<RawFakeSocket> {
    await this.answerTicket();
    this.socket.open(protocol);
    return this.socket;
  }

  async callsBecome(count: number): Promise<void> {
    await until(() => this.calls.length === count);
  }
}
