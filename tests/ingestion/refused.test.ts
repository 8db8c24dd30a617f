import { expect, test } from 'vitest';
import type { Submission } from '../../src/ingestion/ingest.ts';
import type { EventError } from '../../src/ingestion/refused-events.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';

const ingestion = useIngestion(useDatabase());

function submit(submission: Partial<Submission> & Pick<Submission, 'events'>) {
  return ingestion.ingest.submit({
    source: 'http',
    correlationId: 'test',
    mayIngestFor: () => true,
    ...submission,
  });
}

function wrong(count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => ({ eventId: `e-${i}` }));
}

function before(...indexes: number[]): EventError[] {
  return indexes.map((index) => ({ index, eventId: null, code: 'invalid', detail: 'cannot be read' }));
}

test('of many refused events the first are named, whatever the reasons', async () => {
  const used = [makeUsage(), makeUsage()];
  await submit({ events: [...used] });
  const events = [
    { ...used[0], inputTokens: 999 },
    ...wrong(2),
    { ...used[1], inputTokens: 999 },
    ...wrong(3),
  ];
  const { errors, ...counts } = await submit({ events, rejected: before(7, 8), maxErrors: 5 });
  expect(counts).toMatchObject({ received: 9, stored: 0, conflicts: 2, rejected: 7 });
  expect(errors.map(({ index, code }) => [index, code])).toEqual([
    [0, 'conflict'],
    [1, 'invalid'],
    [2, 'invalid'],
    [3, 'conflict'],
    [4, 'invalid'],
  ]);
});

test('a source that asks for every refusal is told of all before anything is stored', async () => {
  const told: number[] = [];
  const { errors } = await submit({
    events: wrong(250),
    rejected: before(250, 251),
    onRejected: async (refused) => void told.push(...refused.map(({ index }) => index)),
  });
  expect(told.sort((a, b) => a - b)).toEqual(Array.from({ length: 252 }, (_, index) => index));
  expect(errors.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, index) => index));
});

test('events are checked in turns with other work, and a bounded number of faults is named', async () => {
  let turns = 0;
  let checking = true;
  const next = (): void => {
    turns++;
    if (checking) setImmediate(next);
  };
  setImmediate(next);
  const { faults, more } = await ingestion.ingest.validate(wrong(1_000));
  checking = false;
  expect(turns).toBeGreaterThanOrEqual(4);
  expect(faults).toHaveLength(1_000);
  expect(faults[0]?.path).toBe('$[0].orgId');
  // A usage event with nothing but an id lacks four fields.
  expect(more).toBe(3_000);
});
