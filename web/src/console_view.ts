// The lines of the client and of the tunnel, word for word, in a list of bounded length.

import type { ClientEvents } from 'usher-client';
import { byId, make, timeOf } from './elements.js';

const kLinesMax = 400;

export class ConsoleView {
  readonly #list = byId('lines');
  readonly #scroll = byId('console-scroll');

  constructor() {
    byId('clear').addEventListener('click', () => this.#list.replaceChildren());
    byId('copy').addEventListener('click', () => void this.#copy());
  }

  /** `of`: what says it, if that is not the page's client. */
  add({ level, text }: ClientEvents['log'], of = ''): void {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroll;
    const atEnd = scrollHeight - scrollTop - clientHeight < 24;
    const line = make('li', '');
    line.dataset['level'] = level;
    line.append(make('time', '', timeOf(new Date())));
    if (of) line.append(make('span', 'of', of));
    line.append(make('span', 'text', text));
    this.#list.append(line);
    while (this.#list.childElementCount > kLinesMax) this.#list.firstElementChild?.remove();
    // Who has scrolled up to read is left there.
    if (atEnd) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  async #copy(): Promise<void> {
    const lines = [...this.#list.children].map((line) => [...line.querySelectorAll('.of, .text')].map(({ textContent }) => textContent).join(' '));
    const button = byId('copy');
    try {
      await navigator.clipboard.writeText(lines.join('\n'));
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Not allowed';
    }
    setTimeout(() => (button.textContent = 'Copy'), 1500);
  }
}
