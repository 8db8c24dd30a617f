import type { StoredEvent } from './queries.ts';

/** A field of an event that its type has, as a text; `undefined` if it has none. */
export function textOf(event: StoredEvent, name: string): string | undefined {
  const value = event[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(event: StoredEvent, name: string): number | null {
  const value = event[name];
  return typeof value === 'number' ? value : null;
}

/** How long an event took: of a call, of a request, or of a job. */
export function latencyOf(event: StoredEvent): number | null {
  return numberOf(event, 'latencyMs') ?? numberOf(event, 'durationMs');
}

/** What an event cost. */
export function dollarsOf(event: StoredEvent): number | null {
  const dollars = numberOf(event, 'costUsd');
  if (dollars !== null) return dollars;
  const cents = numberOf(event, 'costEstimateCents') ?? numberOf(event, 'costCents');
  return cents === null ? null : cents / 100;
}

/** How long after it happened an event arrived. A clock that is ahead makes it negative. */
export function receivedAfter({ occurredAt, receivedAt }: StoredEvent): number {
  return Date.parse(receivedAt) - Date.parse(occurredAt);
}

/** All fields with a value, and each entry of the metadata as one. */
export function fieldsOf(event: StoredEvent): { name: string; value: string; isMetadata: boolean }[] {
  const { metadata, ...own } = event;
  const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return [
    ...Object.entries(own)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => ({ name, value: shown(value), isMetadata: false })),
    ...Object.entries(metadata ?? {}).map(([name, value]) => ({ name, value, isMetadata: true })),
  ];
}
