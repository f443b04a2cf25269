// What a Shell tells, as lines of a logger.

import type { Logger } from './shell.js';

/** Log lines, and exceptions of the application's or the platform's code. Nothing else. */
export function toLogger(logger: Logger | null, name: string, value: any): void {
  if (name === 'log') logger?.[value.level === 'info' ? 'log' : (value.level as 'warn' | 'error')](value.text);
  if (name === 'error') logger?.error(`usher-client: ${value.message}`, value.error);
}
