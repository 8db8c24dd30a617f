import type { Range } from '../../range/range.ts';
import { textOf } from './fields.ts';
import type { StoredEvent } from './queries.ts';
import type { EventFilters } from './search.ts';

/** What somebody has pasted: an event, an id, or neither. */
export type Pasted =
  | { kind: 'event'; event: Record<string, unknown>; eventId: string | undefined; orgId: string | undefined }
  | { kind: 'id'; eventId: string }
  | { kind: 'not-json'; reason: string }
  | { kind: 'not-one' };

/** Reads an event as JSON, or else an id. */
export function readPasted(text: string): Pasted {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed)) return { kind: 'id', eventId: trimmed.replace(/^"(.*)"$/, '$1') };
  try {
    const value: unknown = JSON.parse(trimmed);
    if (Array.isArray(value)) {
      const [only] = value;
      return value.length === 1 && isObject(only) ? eventOf(only) : { kind: 'not-one' };
    }
    return isObject(value) ? eventOf(value) : { kind: 'not-one' };
  } catch (error) {
    return { kind: 'not-json', reason: (error as Error).message };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function eventOf(event: Record<string, unknown>): Pasted {
  const { eventId, orgId } = event;
  return {
    ...{ kind: 'event', event },
    eventId: typeof eventId === 'string' ? eventId : undefined,
    orgId: typeof orgId === 'string' ? orgId : undefined,
  };
}

/** Why a stored event is not in the list of the page. */
export type Hidden =
  | { kind: 'before' | 'after'; at: string }
  | { kind: 'filter'; filter: keyof EventFilters; value: string | undefined };

const fieldOfFilter = {
  ...{ type: 'type', model: 'modelId', client: 'clientId' },
  ...{ status: 'status', code: 'errorCode', correlation: 'correlationId' },
} as const;

export function hiddenBecause(event: StoredEvent, range: Range, filters: EventFilters): Hidden[] {
  const at = Date.parse(event.occurredAt);
  const time: Hidden[] = [
    ...(at < range.start ? [{ kind: 'before' as const, at: event.occurredAt }] : []),
    ...(at >= range.end ? [{ kind: 'after' as const, at: event.occurredAt }] : []),
  ];
  const names = Object.keys(filters) as (keyof EventFilters)[];
  const byFilter = names.flatMap((filter): Hidden[] => {
    const value = textOf(event, fieldOfFilter[filter]);
    return value === filters[filter] ? [] : [{ kind: 'filter', filter, value }];
  });
  return [...time, ...byFilter];
}
