import type { Fault } from '../../errors.ts';
import type { DecodedEvents, UnreadableEvent } from '../../formats/decoded-events.ts';
import type { IngestResult } from '../../ingestion/ingest.ts';

/**
 * The result in the terms of the body. Ids are those that were sent. An event that could not be read has its reason, since
 * ingestion received nothing in its place.
 */
export function explainByBody(
  result: IngestResult,
  { unreadable, sentIdOf, placeOf }: DecodedEvents,
): IngestResult {
  return {
    ...result,
    ...(result.warnings && {
      warnings: result.warnings.map((warning) => ({
        ...warning,
        field: placeOf?.(warning.firstIndex, warning.field) ?? warning.field,
      })),
    }),
    errors: result.errors.map((error) => {
      const found = unreadable.get(error.index);
      if (found === undefined) return { ...error, eventId: sentIdOf?.(error.index) ?? error.eventId };
      return { ...error, eventId: found.eventId, detail: describe(found) };
    }),
  };
}

/** Returns why an event could not be read from the body, if it could not. */
export function reasonIn({ unreadable }: DecodedEvents): (index: number) => string | undefined {
  return (index) => {
    const found = unreadable.get(index);
    return found && describe(found);
  };
}

function describe({ field, message }: UnreadableEvent): string {
  return `${field} ${message}`.trim();
}

/** The fault with the path that the caller sent: by the format of the body, and without an index for a single event. */
export function locateInBody(
  { path, message }: Fault,
  { unreadable, single, placeOf, headerPrefix }: DecodedEvents,
): Fault {
  const [, position = '', field = ''] = /^\$\[(\d+)\]\.?(.*)$/s.exec(path) ?? [];
  const index = Number(position);
  const found = unreadable.get(index);
  const at = single ? '$' : `$[${index}]`;
  const place = found?.field ?? (field === '' ? '' : (placeOf?.(index, field) ?? field));
  if (headerPrefix !== undefined && place.startsWith(headerPrefix)) {
    return { path: place, message: found?.message ?? message };
  }
  return { path: place === '' ? at : `${at}.${place}`, message: found?.message ?? message };
}
