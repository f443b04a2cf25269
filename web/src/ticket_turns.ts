// Calls one after another, of which one that gets a ticket has its turn until the socket of that ticket has ended.

/** How long a turn lasts at most: it may be that no socket is opened with the ticket. */
const kTurnMaxMs = 2_000;

export class TicketTurns {
  #last: Promise<unknown> = Promise.resolve();
  #ticket = '';
  #ended = (): void => {};
  /** The one that opens the sockets. */
  readonly WebSocket = this.#socketClass();

  take(call: () => Promise<{ response: Response; ticket?: string }>): Promise<Response> {
    const turn = this.#last.then(async () => {
      const { response, ticket } = await call();
      return { response, ended: ticket && this.#endOf(ticket) };
    });
    this.#last = turn.then(async ({ ended }) => ended, () => {});
    return turn.then(({ response }) => response);
  }

  #endOf(ticket: string): Promise<void> {
    return new Promise((resolve) => {
      this.#ticket = ticket;
      this.#ended = resolve;
      setTimeout(resolve, kTurnMaxMs);
    });
  }

  #socketClass(): typeof WebSocket {
    const watch = (socket: WebSocket, url: string): void => {
      if (this.#ticket && url.includes(this.#ticket)) socket.addEventListener('close', this.#ended);
    };
    return class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        watch(this, String(url));
      }
    };
  }
}
