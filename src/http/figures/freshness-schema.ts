import { Type } from 'typebox';
import { orNull } from '../fields/nullable.ts';
import { moment } from '../fields/texts.ts';

export const freshnessStatus = Type.Enum(['fresh', 'stale', 'delayed'] as const, {
  description: 'fresh up to 5 minutes of lag, stale up to 10, delayed beyond.',
});

/** How complete the numbers of an answer are. */
export const FreshnessSchema = Type.Object({
  asOf: moment('Every event acknowledged before this moment is in the numbers.'),
  lagSeconds: Type.Number({
    description: 'How far the numbers are behind what is stored; 0 if nothing waits.',
  }),
  status: freshnessStatus,
  lastRollupAt: orNull(moment('When the numbers of the org last changed.')),
});
