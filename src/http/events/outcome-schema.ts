import { Type } from 'typebox';
import { textOrNull } from '../fields/nullable.ts';

/** What became of the events of one request. */
export const OutcomeSchema = Type.Object({
  received: Type.Integer({ description: 'stored + duplicates + conflicts + rejected' }),
  stored: Type.Integer({ description: 'Events that are now committed and counted.' }),
  duplicates: Type.Integer({ description: 'Events that were already counted. There is nothing to do.' }),
  conflicts: Type.Integer({
    description:
      'Events with the id of an earlier event but other content, and orders that another event has completed already. ' +
      'They are kept apart and not counted.',
  }),
  rejected: Type.Integer({
    description:
      'Events that are not valid, belong to an org that the caller may not send for, or are beyond a quota of their org.',
  }),
  errors: Type.Array(
    Type.Object({
      index: Type.Integer({ description: 'Position of the event in the request, from 0.' }),
      eventId: textOrNull(),
      code: Type.String(),
      detail: Type.String(),
    }),
    { description: 'Why events were refused: the first 100.' },
  ),
  warnings: Type.Optional(
    Type.Array(
      Type.Object({
        field: Type.String({ description: 'As it was sent.' }),
        events: Type.Integer({ description: 'The number of accepted events that have it.' }),
        firstIndex: Type.Integer({ description: 'Position of the first of them in the request, from 0.' }),
        detail: Type.String(),
      }),
      { description: 'With lenient=true: the unknown fields that are kept in metadata, the first 100.' },
    ),
  ),
});
