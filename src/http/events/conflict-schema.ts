import { Type } from 'typebox';
import type { EventConflict } from '../../queries/events/event-conflicts.ts';
import { moment } from '../fields/texts.ts';

/** An event whose id had been used for other content. */
export const ConflictSchema = Type.Object(
  {
    storedId: Type.String({
      description: 'The id under which the event is stored; for an id that is no UUID, its UUIDv5.',
    }),
    type: Type.String(),
    occurredAt: moment('When it happened, as it said.'),
    receivedAt: moment('When it was refused.'),
    correlationId: Type.String(),
    batchId: Type.Integer(),
    contentHash: Type.String({ description: 'A hash of its content: equal hashes are equal contents.' }),
    times: Type.Integer({ description: 'How often the same content came in this batch.' }),
  },
  { description: 'An event that was not counted. Its content is not kept.' },
);

/** The conflict with times in milliseconds where they have no finer digits. */
export function shownConflict(conflict: EventConflict) {
  const { occurredAt, receivedAt } = conflict;
  return {
    ...conflict,
    occurredAt: occurredAt.replace(/000Z$/, 'Z'),
    receivedAt: receivedAt.replace(/000Z$/, 'Z'),
  };
}
