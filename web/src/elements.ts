// Finding and making the page's elements, and the texts that several of them show.

import type { Failed } from 'usher-client';

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as T;
}

export function make(tag: string, className: string, text = ''): HTMLElement {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

/** `12:03:44.120` */
export function timeOf(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** `0.4 ms`, `12 ms`, `1.24 s` */
export function span(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** `503 STORE_UNAVAILABLE`, `1008 NOT_AUTHORIZED`, `network error` */
export function reasonText({ status, code, reason }: Failed): string {
  return [status ?? code, reason].filter(Boolean).join(' ');
}
