import { Type } from 'typebox';
import { orNull } from '../fields/nullable.ts';
import { asOfEveryEvent, moment } from '../fields/texts.ts';

export const freshnessStatus = Type.Enum(['fresh', 'stale', 'delayed'] as const, {
  description: 'fresh: at most 5 minutes of lag. stale: at most 10. delayed: more.',
});

/** How complete the numbers of an answer are. */
export const FreshnessSchema = Type.Object({
  asOf: asOfEveryEvent,
  lagSeconds: Type.Number({
    description: 'How far the numbers are behind the stored events; 0 if no event waits.',
  }),
  status: freshnessStatus,
  lastRollupAt: orNull(moment('When the numbers of the org last changed.')),
});
