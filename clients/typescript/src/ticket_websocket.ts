// A WebSocket class for libraries that reconnect by themselves: one construction is one token check, one new ticket and one attempt.
// The TicketDesk behind it decides when an attempt begins, and whether.

import { BrowserSocket, type DoorOptions, type SocketControl, type SocketDriver } from './browser_socket.js';
import type { Failed } from './protocol.js';
import { Shell, type ShellOptions } from './shell.js';
import { exception, gatewayUrl } from './socket_text.js';
import { TicketDesk } from './ticket_desk.js';
import { toLogger } from './to_logger.js';
import type { TokenFunction } from './token_provider.js';

export interface TicketWebSocketOptions extends Omit<ShellOptions, 'platform'>, DoorOptions {}

/** A class like the browser's `WebSocket`. */
export interface TicketWebSocket {
  new (url: string | URL, protocols?: string | string[], ...more: any[]): WebSocket;
  readonly prototype: WebSocket;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  /** Why every construction fails at once: `{status, reason}` from HTTP, `{code, reason}` from a close. null: none has to. */
  readonly failure: Failed | null;
  /** Forgets the hard failure, for example after a login; `token` replaces the present one. */
  reset(token?: string | TokenFunction): void;
}

export function ticketWebSocket(options: TicketWebSocketOptions = {}): TicketWebSocket {
  // Taken now: the class may be put in the place of the platform's own.
  const { WebSocket = globalThis.WebSocket, tunnel } = options;
  const office = new TicketOffice({ ...options, WebSocket, platform: null });
  return class TicketWebSocket extends BrowserSocket {
    static get failure(): Failed | null {
      return office.failure;
    }

    static reset(token?: string | TokenFunction): void {
      office.reset(token);
    }

    constructor(url: string | URL, protocols?: string | string[], ...more: unknown[]) {
      super(url, protocols, { WebSocket: WebSocket ?? globalThis.WebSocket, tunnel, more }, (control, socketUrl) => office.driver(control, socketUrl));
    }
  };
}

/** What the sockets of one class share. */
class TicketOffice {
  readonly #options: ShellOptions & TicketWebSocketOptions;
  readonly #controls = new Map<number, SocketControl>();
  #token: string | TokenFunction | undefined;
  #gateway = '';
  #shell: Shell | null = null;
  #desk: TicketDesk | null = null;
  #attempts = 0;

  constructor(options: ShellOptions & TicketWebSocketOptions) {
    this.#options = options;
    this.#token = options.token;
  }

  get failure(): Failed | null {
    return this.#desk?.failure ?? null;
  }

  reset(token?: string | TokenFunction): void {
    if (token !== undefined) {
      this.#token = typeof token === 'string' ? onceFresh(token) : token;
      this.#shell?.useToken(this.#token);
    }
    this.#shell?.take({ reset: {} });
  }

  driver(control: SocketControl, url: string): SocketDriver {
    const shell = this.#shellOf(gatewayUrl(url, this.#options));
    const { take } = shell;
    const attempt = ++this.#attempts;
    return {
      shell,
      begin: () => {
        this.#controls.set(attempt, control);
        take({ ask: { attempt, url } });
      },
      opened: (_, protocol) => take({ socket_open: { attempt, protocol } }),
      ended: (_, code, reason, clean) => take({ socket_closed: { attempt, code, reason, clean } }),
      leave: () => take({ leave: { attempt } }),
      gone: () => this.#controls.delete(attempt),
    };
  }

  /** One class has one gateway: its token goes nowhere else. */
  #shellOf(gateway: string): Shell {
    this.#gateway ||= gateway;
    if (gateway !== this.#gateway) {
      throw exception('SyntaxError', `this class is for ${this.#gateway}, not for ${gateway}: make one class for each gateway`);
    }
    if (!this.#shell) {
      this.#shell = new Shell(gateway, { ...this.#options, token: this.#token }, (name, value) => this.#told(name, value));
      this.#desk = this.#shell.core = new TicketDesk(this.#shell.random, this.#shell.secrets);
    }
    this.#shell.start();
    return this.#shell;
  }

  #told(name: string, value: any): void {
    const { logger = console } = this.#options;
    const control = this.#controls.get(value.attempt);
    switch (name) {
      case 'open_socket':
        return control?.open(value.attempt, value.url);
      case 'close_socket':
      case 'abort':
        return control?.drop();
      case 'opened':
        return control?.letIn();
      case 'ended':
        return control?.over(value, value.hard);
      default:
        toLogger(logger, name, value);
    }
  }
}

/** A new token is fresh, although the last one was refused; it is not when it is asked for again. */
function onceFresh(token: string): TokenFunction {
  let asked = false;
  return ({ fresh }) => {
    const answer = fresh && asked ? null : token;
    asked = true;
    return answer;
  };
}
