// What the browser says about the network and the page, as inputs of the
// session. Elsewhere (Node) there is nothing to say.

import type { Input } from './protocol';

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
  const { window, document, navigator } = globalThis as Partial<typeof globalThis>;
  return window && document && navigator ? { window, document, navigator } : null;
}

/** Reports the present state of the network, then every change. Returns how to stop. */
export function listen(platform: Platform, listener: PlatformListener): () => void {
  const { window, document, navigator } = platform;
  const online = (): boolean => navigator.onLine !== false;
  const network = (): void => listener.input(online() ? { online: {} } : { offline: {} });
  const awake = (): void => {
    listener.wake();
    if (online()) network();
    listener.input({ visible: {} });
  };
  const handlers: [EventTarget, string, (event: Event) => void][] = [
    [window, 'online', () => (listener.wake(), listener.input({ online: {} }))],
    [window, 'offline', () => listener.input({ offline: {} })],
    [window, 'pagehide', (event) => (event as PageTransitionEvent).persisted && listener.leave()],
    [window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && awake()],
    [document, 'visibilitychange', () => (document.visibilityState === 'hidden' ? listener.input({ hidden: {} }) : awake())],
    [document, 'freeze', () => listener.input({ hidden: {} })],
    [document, 'resume', awake],
  ];
  for (const [target, name, handler] of handlers) target.addEventListener(name, handler);
  network();
  return () => {
    for (const [target, name, handler] of handlers) target.removeEventListener(name, handler);
  };
}
