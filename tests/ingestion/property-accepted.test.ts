import fc from 'fast-check';
import { expect, test } from 'vitest';
import { publicTypes } from '../../src/events/catalogue.ts';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { coarsestGrain } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { useDatabase } from '../support/database/database.ts';
import { AWKWARD, type SentEvent, sampleEvents } from '../support/events/event-samples.ts';
import { useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
const { store } = useIngestion(database);
const now = Date.now();
const samples = Object.values(sampleEvents(new Date(now - 60_000).toISOString()));

/** Values that some field accepts, or nearly accepts. */
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 250 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.constantFrom<unknown>(null, true, [], {}, '', '\0', '\ud800', AWKWARD, 'success', 'EUR', -0, 0.1 + 0.2),
  fc.constantFrom(0, -1, 1e-7, 0.0001, 1e10, 1e12, 2 ** 31, 2 ** 53, 1e300, 2_592_000_000),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc
    .date({ min: new Date(now - 410 * 86_400_000), max: new Date(now + 700_000), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.dictionary(
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    { maxKeys: 5 },
  ),
  fc.jsonValue({ maxDepth: 3 }),
);
const names = [
  ...new Set([...samples.flatMap(Object.keys), 'sku', 'quantity', 'priceCents', 'nonsense', 'constructor']),
];
const mutated = fc
  .tuple(
    fc.constantFrom(...samples),
    fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 2 }),
    fc.uuid(),
  )
  .map(([sample, changes, eventId]): SentEvent => {
    const event = { ...sample, eventId, ...Object.fromEntries(changes) };
    // As the event arrives, through JSON.
    return JSON.parse(JSON.stringify(event));
  });

test('every accepted event is stored, rolled up and reconciled, whatever it holds', {
  timeout: 120_000,
}, async () => {
  const seen = { stored: 0, rejected: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(mutated, { minLength: 1, maxLength: 40 }), async (events) => {
      const { received, stored, duplicates, conflicts, rejected } = await store(...events);
      expect(received).toBe(events.length);
      expect(stored + duplicates + conflicts + rejected).toBe(received);
      seen.stored += stored;
      seen.rejected += rejected;
    }),
    { numRuns: 60 },
  );
  // The test means nothing if all, or none, of the events are good.
  expect(Math.min(seen.stored, seen.rejected)).toBeGreaterThan(100);
  while ((await rollUp(database.pool)) > 0);
  await promoteAll(database.pool, coarsestGrain);
  expect((await reconcile(database.pool)).drifts).toEqual([]);
  const { rows } = await database.pool.query<{ type: string }>('select distinct type from analytics.rollups');
  expect(rows.map(({ type }) => type).sort()).toEqual(
    [...publicTypes.map(({ type }) => type), 'order_line', 'session'].sort(),
  );
});
