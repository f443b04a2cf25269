// Turns what a browser tells about the network and the page into inputs of the session. Node and React Native tell nothing.
//
// It relies on no part of it: each may be missing, polyfilled or wrong.

import type { Input } from './protocol.js';
import type { Scheduler } from './scheduler.js';

/** The delay of the first attempt in spite of being offline, where the platform has never been online. */
const kProbeMinMs = 3_000;
/** The same where it was online before. */
const kProbeLateMs = 30_000;
/** Each further delay is twice as long, up to this. */
const kProbeMaxMs = 60_000;

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
export function listen({ window, document, navigator }: Platform, scheduler: Scheduler, { input, wake, leave }: PlatformListener): () => void {
  const stops: (() => void)[] = [];
  const on = (target: EventTarget | undefined, names: string, handler: (event: any) => void): void => {
    for (const name of names.split(' ')) {
      target?.addEventListener?.(name, handler);
      stops.push(() => target?.removeEventListener?.(name, handler));
    }
  };
  let probe: unknown;
  let wasOnline = false;
  // Some browsers (virtual machines, VPNs) report offline for ever, and reach everything.
  const probeAfter = (ms: number): void => {
    probe = scheduler.setTimeout(() => {
      input({ probe: {} });
      probeAfter(Math.min(2 * ms, kProbeMaxMs));
    }, ms);
  };
  const become = (online: boolean): void => {
    scheduler.clearTimeout(probe);
    input(online ? { online: {} } : { offline: {} });
    wasOnline ||= online;
    if (!online) probeAfter(wasOnline ? kProbeLateMs : kProbeMinMs);
  };
  const network = (): void => become(navigator?.onLine !== false);
  const awake = (): void => {
    wake();
    // A page that slept may have missed its `online` event.
    network();
    input({ visible: {} });
  };
  on(window, 'offline', () => become(false));
  on(window, 'online', () => {
    wake();
    become(true);
  });
  on(window, 'pagehide', ({ persisted }) => persisted && leave());
  on(window, 'pageshow', ({ persisted }) => persisted && awake());
  on(document, 'visibilitychange resume', () => document.visibilityState !== 'hidden' && awake());
  network();
  return () => {
    scheduler.clearTimeout(probe);
    for (const stop of stops) stop();
  };
}
