// Members of a JSON object from a peer: each function returns undefined where the member is missing or of another type.

import type { Json, JsonObject } from './protocol.js';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectField(object: JsonObject, name: string): JsonObject | undefined {
  const value = object[name];
  return isObject(value) ? value : undefined;
}

export function arrayField(object: JsonObject, name: string): Json[] | undefined {
  const value = object[name];
  return Array.isArray(value) ? value : undefined;
}

export function stringField(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberField(object: JsonObject, name: string): number | undefined {
  const value = object[name];
  return typeof value === 'number' ? value : undefined;
}

export function boolField(object: JsonObject, name: string): boolean | undefined {
  const value = object[name];
  return typeof value === 'boolean' ? value : undefined;
}

/** A number without a fraction, not below 0. */
export function wholeField(object: JsonObject, name: string): number | undefined {
  const value = numberField(object, name);
  return Number.isInteger(value) && value! >= 0 ? value : undefined;
}
