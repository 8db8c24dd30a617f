import type { EncodedEvent } from './encoded-events.ts';
import type { EventError } from './refused-events.ts';
import type { SubmissionNote } from './submission-note.ts';

export const OTHER_CONTENT =
  'this eventId was already used for an event with other content; only the first one counts';
const OTHER_COMPLETION =
  'this eventId was already used for an event with other content, or this orderId was already completed by an event with ' +
  'another eventId; only the first one counts';

/** The outcomes of the events that were stored or found in the ledger, and why some of them do not count. */
export function countOutcomes(events: readonly EncodedEvent[], note: SubmissionNote) {
  const counts = { stored: 0, duplicates: 0, conflicts: 0, errors: [] as EventError[] };
  for (const event of events) {
    if (event.result === 'stored') {
      counts.stored++;
      note.count(event.orgId, 'stored');
    } else if (event.result === 'duplicate') {
      counts.duplicates++;
      note.count(event.orgId, 'duplicates');
    } else {
      counts.conflicts++;
      const detail = event.onceId === undefined ? OTHER_CONTENT : OTHER_COMPLETION;
      const error = { index: event.index, eventId: event.sentId, code: 'conflict', detail } as const;
      counts.errors.push(error);
      note.conflict(event.orgId, error);
    }
  }
  return counts;
}
