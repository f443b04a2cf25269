import { Injectable, signal } from '@angular/core';
import { UsherClient, type Status } from 'usher-client';

@Injectable({ providedIn: 'root' })
export class RealtimeService {
  readonly connectionStatus = signal<Status>('disconnected');

  private readonly client = new UsherClient({
    url: 'https://gw.example',
    // Asked before every ticket; `fresh` when the last token was refused.
    token: ({ fresh }) => this.getToken(fresh),
  });

  constructor() {
    this.client.on('status', (status) => this.connectionStatus.set(status));
  }

  connect(): void {
    this.client.connect();
  }

  disconnect(): void {
    this.client.disconnect();
  }

  onOrder(id: number, handler: (order: { status: string }) => void): { unsubscribe(): void } {
    return this.client.subscribe(`orders:${id}`, handler);
  }

  // In memory: what a script of your page can read from a storage, any script in it can steal.
  private jwt: string | null = null;

  /** Resolves with a JWT, or null when nobody is logged in. */
  private async getToken(fresh: boolean): Promise<string | null> {
    if (fresh) this.jwt = null;
    this.jwt ??= await this.fetchToken();
    return this.jwt;
  }

  /** Your login, by the HttpOnly cookie of your own backend. */
  private async fetchToken(): Promise<string | null> {
    const answer = await fetch('/session/jwt', { method: 'POST' });
    if (answer.status === 401) return null;
    if (!answer.ok) throw new Error(`no token: ${answer.status}`);
    return (await answer.text()) || null;
  }
}
