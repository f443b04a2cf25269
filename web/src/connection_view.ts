// How the connection stands, in one word and one sentence.

import type { Failed, Status } from 'usher-client';
import { byId, reasonText, span } from './elements.js';

const kWords: Record<Status, string> = {
  disconnected: 'Disconnected',
  connecting: 'Connecting',
  connected: 'Connected',
  reconnecting: 'Reconnecting',
};

export class ConnectionView {
  readonly #section = byId('connection');

  show(status: Status, failure: Failed | null): void {
    this.#section.dataset['status'] = failure ? 'stopped' : status;
    const word = failure ? 'Stopped' : kWords[status];
    byId('status').textContent = word;
    document.title = `${word} · usher`;
    byId('reason').textContent = failure ? stoppedText(failure) : '';
    byId<HTMLButtonElement>('connect').disabled = status !== 'disconnected';
    byId<HTMLButtonElement>('disconnect').disabled = status === 'disconnected';
    // The stage that announced a delay came before this status.
    if (status !== 'reconnecting') this.notWaiting();
  }

  waiting(attempt: number, ms: number): void {
    byId('detail').textContent = `Attempt ${attempt} follows after ${span(ms)}.`;
    // Replaced, so that its animation begins anew.
    const before = byId('wait');
    const bar = before.cloneNode() as HTMLElement;
    bar.style.setProperty('--wait', `${ms}ms`);
    bar.hidden = false;
    before.replaceWith(bar);
  }

  notWaiting(): void {
    byId('wait').hidden = true;
    byId('detail').textContent = '';
  }

  identity(session: string): void {
    byId('session').textContent = session;
    byId('who').hidden = false;
  }
}

export function stoppedText(failure: Failed): string {
  return `${reasonText(failure)}: trying again can’t help, so nothing more is asked for.`;
}
