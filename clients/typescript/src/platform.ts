// What the browser says about the network and the page, as inputs of the
// session. Elsewhere (Node) there is nothing to say.

import type { Input } from './protocol.js';

export interface Platform {
  window: EventTarget;
  document: EventTarget & { readonly visibilityState?: string };
  navigator: { readonly onLine?: boolean };
}

export interface PlatformListener {
  input(input: Input): void;
  /** The page may have slept. */
  wake(): void;
  /** The page goes into the back/forward cache, where no socket lives. */
  leave(): void;
}

export function browserPlatform(): Platform | null {
  return globalThis.document ? globalThis : null;
}

/** Reports the present state of the network, then every change. Returns how to stop. */
export function listen({ window, document, navigator }: Platform, { input, wake, leave }: PlatformListener): () => void {
  const stop = new AbortController();
  const on = (target: EventTarget, names: string, handler: (event: any) => void): void => {
    for (const name of names.split(' ')) target.addEventListener(name, handler, stop);
  };
  const network = (): void => input(navigator.onLine === false ? { offline: {} } : { online: {} });
  const awake = (): void => {
    wake();
    // A page that slept may have missed its `online`.
    network();
    input({ visible: {} });
  };
  on(window, 'offline', () => input({ offline: {} }));
  on(window, 'online', () => {
    wake();
    input({ online: {} });
  });
  on(window, 'pagehide', ({ persisted }) => persisted && leave());
  on(window, 'pageshow', ({ persisted }) => persisted && awake());
  on(document, 'visibilitychange resume', () => document.visibilityState !== 'hidden' && awake());
  network();
  return () => stop.abort();
}
