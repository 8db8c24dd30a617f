import type { Fault } from '../../errors.ts';
import type { DecodedEvents } from '../../formats/decoded-events.ts';
import type { IngestResult } from '../../ingestion/ingest.ts';

/** The result with the reason of each event that could not be read: ingestion received nothing in its place. */
export function explainUnreadable(result: IngestResult, { unreadable }: DecodedEvents): IngestResult {
  return {
    ...result,
    errors: result.errors.map((error) => {
      const found = unreadable.get(error.index);
      if (found === undefined) return error;
      return { ...error, eventId: found.eventId, detail: `${found.field} ${found.message}`.trim() };
    }),
  };
}

/** The fault with the path that the caller sent: by the format of the body, and without an index for a single event. */
export function locateInBody(
  { path, message }: Fault,
  { unreadable, single, placeOf }: DecodedEvents,
): Fault {
  const [, position = '', field = ''] = /^\$\[(\d+)\]\.?(.*)$/s.exec(path) ?? [];
  const index = Number(position);
  const found = unreadable.get(index);
  const at = single ? '$' : `$[${index}]`;
  const place = found?.field ?? (field === '' ? '' : (placeOf?.(index, field) ?? field));
  return { path: place === '' ? at : `${at}.${place}`, message: found?.message ?? message };
}
