// One UsherSocket to an upstream of the proxy door, under the faults of the page, and how it stands.

import { type Failed, UsherSocket } from 'usher-client/socket';
import type { Calls, Faults } from './faults.js';
import { gatewayUrl } from './gateway.js';

/** How the line begins that says when the next attempt comes. */
export const kReconnecting = '[WS] Reconnecting in ';

export type TunnelStatus = 'closed' | 'opening' | 'open' | 'reconnecting' | 'stopped';

export interface TunnelListener {
  /** `ended`: how the last socket ended, if one has. */
  status(status: TunnelStatus, ended: Failed | null): void;
  message(data: string | ArrayBuffer): void;
  /** A call was made, or a socket opened. */
  counted(): void;
  line(level: 'info' | 'warn' | 'error', text: string): void;
}

export class Tunnel {
  readonly calls: Calls = { token: 0, ticket: 0 };
  sockets = 0;
  readonly #faults: Faults;
  readonly #listener: TunnelListener;
  #socket: UsherSocket | null = null;
  #status: TunnelStatus = 'closed';
  #ended: Failed | null = null;
  /** What the tunnel was last opened with. */
  #door: { target: string; protocols: string[] } | null = null;

  constructor(faults: Faults, listener: TunnelListener) {
    this.#faults = faults;
    this.#listener = listener;
  }

  get status(): TunnelStatus {
    return this.#status;
  }

  /** The subprotocol that the upstream has chosen, or "". */
  get protocol(): string {
    return this.#socket?.protocol ?? '';
  }

  /** `target`: path and query below the gateway. Throws as the browser's WebSocket does. */
  open(target: string, protocols: string[]): void {
    const before = this.#socket;
    const { calls } = this;
    const isCurrent = (): boolean => this.#socket === socket;
    const socket: UsherSocket = new UsherSocket(gatewayUrl + target, protocols, {
      gateway: gatewayUrl,
      fetch: this.#faults.fetchCounting(calls, () => this.#listener.counted()),
      storage: this.#faults.storage,
      logger: this.#logger(isCurrent),
      WebSocket: this.#socketClass(isCurrent),
    });
    socket.binaryType = 'arraybuffer';
    this.#door = { target, protocols };
    this.#socket = socket;
    this.#ended = null;
    before?.close();
    const listen = <Type extends 'open' | 'message' | 'lost' | 'close'>(type: Type, heard: (event: any) => void): void =>
      socket.addEventListener(type, (event: Event) => isCurrent() && heard(event));
    listen('open', () => {
      this.#ended = null;
      this.#become('open');
    });
    listen('message', ({ data }: MessageEvent<string | ArrayBuffer>) => this.#listener.message(data));
    listen('lost', ({ code, reason }: CloseEvent) => this.#become('reconnecting', { code, reason }));
    listen('close', ({ code, reason }: CloseEvent) =>
      socket.failure ? this.#become('stopped', socket.failure) : this.#become('closed', { code, reason }),
    );
    this.#become('opening');
  }

  close(): void {
    this.#door = null;
    this.#socket?.close(1000);
  }

  /** Opens it anew, with another ticket, unless it was closed by hand. */
  reopen(): void {
    if (this.#door) this.open(this.#door.target, this.#door.protocols);
  }

  /** Throws while the tunnel is not open. */
  send(text: string): void {
    if (this.#status !== 'open') throw new Error('open the tunnel first.');
    this.#socket!.send(text);
  }

  #become(status: TunnelStatus, ended = this.#ended): void {
    this.#status = status;
    this.#ended = ended;
    this.#listener.status(status, ended);
  }

  /** Sockets come and go while the tunnel is reconnecting; `isCurrent`: they are for its present UsherSocket. */
  #socketClass(isCurrent: () => boolean): typeof WebSocket {
    const created = (): void => {
      this.sockets += 1;
      this.#listener.counted();
    };
    const ended = ({ code, reason }: CloseEvent): void => {
      const isRetrying = this.#status === 'opening' || this.#status === 'reconnecting';
      if (isCurrent() && isRetrying) this.#become(this.#status, { code, reason });
    };
    return class extends this.#faults.WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        created();
        this.addEventListener('close', ended);
      }
    };
  }

  /** The browser's console hears the lines as well. */
  #logger(isCurrent: () => boolean): Pick<Console, 'log' | 'warn' | 'error'> {
    const to = (method: 'log' | 'warn' | 'error', level: 'info' | 'warn' | 'error') => (...said: unknown[]): void => {
      console[method](...said);
      const text = said.map(String).join(' ');
      // A first attempt that fails has no event of its own.
      const hasFailed = this.#status === 'opening' && text.startsWith(kReconnecting);
      if (hasFailed && isCurrent()) this.#become('reconnecting');
      this.#listener.line(level, text);
    };
    return { log: to('log', 'info'), warn: to('warn', 'warn'), error: to('error', 'error') };
  }
}
