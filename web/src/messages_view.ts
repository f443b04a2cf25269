// Received messages, newest first, and the form that publishes one to the
// page's own session.

import type { Publication } from 'usher-client';
import { byId, make, span, timeOf } from './elements.js';
import { publishTo } from './gateway.js';

const kMessagesMax = 100;

export class MessagesView {
  readonly #list = byId('messages');
  readonly #answer = byId('publish-answer');
  #session = '';
  #publishedAt: number | null = null;

  constructor() {
    byId('publish').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#publish(byId<HTMLInputElement>('message').value);
    });
  }

  ownSession(session: string): void {
    this.#session = session;
  }

  add({ channel, data, offset }: Publication): void {
    byId('no-messages').hidden = true;
    const item = make('li', '');
    const facts = make('p', 'facts');
    facts.append(make('time', '', timeOf(new Date())), make('span', 'channel', channel));
    if (offset) facts.append(make('span', '', `offset ${offset}`));
    if (this.#publishedAt !== null) facts.append(make('span', 'took', `${span(performance.now() - this.#publishedAt)} after publishing`));
    this.#publishedAt = null;
    item.append(facts, make('code', '', JSON.stringify(data)));
    this.#list.prepend(item);
    while (this.#list.childElementCount > kMessagesMax) this.#list.lastElementChild?.remove();
  }

  async #publish(text: string): Promise<void> {
    if (!this.#session) return this.#say('Connect first: the session is not known yet.');
    this.#publishedAt = performance.now();
    try {
      await publishTo(this.#session, parsed(text));
      this.#say('Published.');
    } catch (error) {
      this.#publishedAt = null;
      this.#say(`Not published: ${(error as Error).message}`);
    }
  }

  #say(text: string): void {
    this.#answer.textContent = text;
  }
}

/** JSON as it is; anything else is a text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
