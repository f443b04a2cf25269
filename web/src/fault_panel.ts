// The switches. Each puts its fault in place and lets the client run into it.

import { byId } from './elements.js';
import type { Fault, Faults } from './faults.js';
import { readFaults, restart, type ServerFaults } from './gateway.js';

const kServerFaults = ['store_down', 'origin_blocked'] as const;

export class FaultPanel {
  readonly #faults: Faults;
  readonly #switches = [...byId('faults').querySelectorAll<HTMLInputElement>('input[data-fault]')];

  /** `changed`: a fault has come or gone. */
  constructor(faults: Faults, changed: (on: boolean) => void) {
    this.#faults = faults;
    for (const input of this.#switches) {
      input.addEventListener('change', () => {
        const { checked } = input;
        this.#guarded(async () => {
          await faults.set(input.dataset['fault'] as Fault, checked);
          changed(checked);
        });
      });
    }
    byId('restart').addEventListener('click', () => this.#guarded(restart));
  }

  /** Another tab may have thrown a switch, and a restart mends the gateway. */
  async refresh(): Promise<void> {
    const now = await readFaults().catch(() => null);
    if (now) this.adopt(now);
  }

  adopt(now: ServerFaults): void {
    for (const name of kServerFaults) {
      // Blocked late, by the other switch's doing: not this one's.
      if (name === 'origin_blocked' && this.#faults.has('origin_at_socket')) continue;
      this.#faults.adopt(name, now[name]);
    }
    this.#show();
  }

  #guarded(act: () => Promise<void>): void {
    byId('fault-answer').textContent = '';
    act().catch((error: Error) => {
      byId('fault-answer').textContent = `That did not work: ${error.message}`;
    }).finally(() => this.#show());
  }

  #show(): void {
    for (const input of this.#switches) input.checked = this.#faults.has(input.dataset['fault'] as Fault);
  }
}
