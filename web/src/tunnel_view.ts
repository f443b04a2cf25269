// The section "Tunnel": which upstream, how the tunnel to it stands, a line to send, and what was said.

import type { Failed } from 'usher-client/socket';
import { stoppedText } from './connection_view.js';
import { byId, make, reasonText, span, timeOf } from './elements.js';
import { gatewayUrl, type Upstream } from './gateway.js';
import { kReconnecting, type Tunnel, type TunnelListener, type TunnelStatus } from './tunnel.js';

const kMessagesMax = 100;
const kShownMax = 2_000;

const kWords: Record<TunnelStatus, string> = {
  closed: 'Closed',
  opening: 'Opening',
  open: 'Open',
  reconnecting: 'Reconnecting',
  stopped: 'Stopped',
};

export class TunnelView implements TunnelListener {
  readonly #addLine: TunnelListener['line'];
  readonly #list = byId('tunnel-messages');
  readonly #target = byId<HTMLInputElement>('tunnel-target');
  readonly #select = byId<HTMLSelectElement>('upstream');
  #tunnel!: Tunnel;
  #upstreams: Upstream[] = [];
  #sentAt: number | null = null;

  constructor(addLine: TunnelListener['line']) {
    this.#addLine = addLine;
  }

  /** To be called once. Without an upstream the section stays hidden. */
  show(upstreams: Upstream[], tunnel: Tunnel): void {
    if (!upstreams.length) return;
    this.#upstreams = upstreams;
    this.#tunnel = tunnel;
    this.#select.append(...upstreams.map(({ name }) => make('option', '', name)));
    byId('upstream-choice').hidden = upstreams.length === 1;
    this.#select.addEventListener('change', () => {
      tunnel.close();
      this.#choose();
    });
    byId('tunnel-open').addEventListener('click', () => this.#open());
    byId('tunnel-close').addEventListener('click', () => tunnel.close());
    byId('tunnel-send').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send(byId<HTMLInputElement>('tunnel-line').value);
    });
    this.#choose();
    this.status('closed', null);
    this.counted();
    byId('main').classList.add('with-tunnel');
    byId('tunnel').hidden = false;
  }

  status(status: TunnelStatus, ended: Failed | null): void {
    byId('tunnel').dataset['status'] = status;
    byId('tunnel-status').textContent = kWords[status];
    byId('tunnel-reason').textContent = !ended ? '' : status === 'stopped' ? stoppedText(ended) : reasonText(ended);
    // When the next attempt comes is said by its line.
    if (status !== 'reconnecting') byId('tunnel-detail').textContent = protocolText(this.#tunnel.protocol);
    byId<HTMLButtonElement>('tunnel-open').disabled = status !== 'closed' && status !== 'stopped';
    byId<HTMLButtonElement>('tunnel-close').disabled = status === 'closed' || status === 'stopped';
  }

  message(data: string | ArrayBuffer): void {
    this.#add('received', data, this.#sentAt === null ? '' : `${span(performance.now() - this.#sentAt)} after sending`);
    this.#sentAt = null;
  }

  counted(): void {
    const { calls, sockets } = this.#tunnel;
    const text = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
    byId('tunnel-tally').textContent = `${text(calls.ticket, 'ticket call')}, ${text(sockets, 'socket')}`;
  }

  line(level: 'info' | 'warn' | 'error', text: string): void {
    this.#addLine(level, text);
    if (text.startsWith(kReconnecting)) byId('tunnel-detail').textContent = text.replace('[WS] ', '');
  }

  #choose(): void {
    const upstream = this.#upstreams[this.#select.selectedIndex]!;
    const path = new URL(gatewayUrl + upstream.path).pathname;
    byId('tunnel-path').textContent = path;
    byId('tunnel-url').textContent = upstream.url;
    this.#target.value = upstream.path.replace(/\*$/, '');
  }

  #open(): void {
    const protocols = byId<HTMLInputElement>('tunnel-protocols').value.split(/[\s,]+/).filter(Boolean);
    this.#sentAt = null;
    try {
      if (!this.#target.value.startsWith('/')) throw new Error('the path must begin with /');
      this.#tunnel.open(this.#target.value, protocols);
      this.#say('');
    } catch (error) {
      this.#say(`Not opened: ${(error as Error).message}`);
    }
  }

  #send(text: string): void {
    try {
      this.#tunnel.send(text);
    } catch (error) {
      return this.#say(`Not sent: ${(error as Error).message}`);
    }
    this.#sentAt = performance.now();
    this.#add('sent', text);
    this.#say('');
  }

  #say(text: string): void {
    byId('tunnel-answer').textContent = text;
  }

  #add(way: 'sent' | 'received', data: string | ArrayBuffer, took = ''): void {
    byId('no-tunnel-messages').hidden = true;
    const item = make('li', way);
    const facts = make('p', 'facts');
    facts.append(make('time', '', timeOf(new Date())), make('span', 'way', way));
    if (took) facts.append(make('span', 'took', took));
    item.append(facts, make('code', '', shown(data)));
    this.#list.prepend(item);
    while (this.#list.childElementCount > kMessagesMax) this.#list.lastElementChild?.remove();
  }
}

function protocolText(protocol: string): string {
  return protocol && `The upstream has chosen ${protocol}.`;
}

function shown(data: string | ArrayBuffer): string {
  if (typeof data !== 'string') return `${data.byteLength} bytes, binary`;
  if (data.length <= kShownMax) return data || 'an empty text';
  return `${data.slice(0, kShownMax)}… (${data.length} characters)`;
}
