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

  /** Your login: resolves with a JWT, or null when nobody is logged in. */
  private async getToken(fresh: boolean): Promise<string | null> {
    if (fresh) localStorage.removeItem('jwt');
    return localStorage.getItem('jwt');
  }
}
