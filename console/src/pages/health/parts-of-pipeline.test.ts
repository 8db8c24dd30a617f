import { expect, test } from 'vitest';
import { partsOf } from './parts-of-pipeline.ts';
import type { Pipeline } from './queries.ts';

const quiet: Pipeline = {
  ...{ asOf: '2026-11-30T12:00:00Z', source: 'process', missing: [] },
  events: { waiting: 10, mostPerProcess: 1_000 },
  rabbitmq: null,
  batches: { waiting: 2, isMore: false, oldestSeconds: 1.5 },
  outbox: [],
};

test('what moves needs nothing to be done', () => {
  expect(partsOf(quiet)).toEqual([
    { name: 'Events in memory', waiting: 10, level: 'good', state: 'Moves' },
    {
      ...{ name: 'Batches for the roll-up', waiting: 2, isMore: false, oldestSeconds: 1.5 },
      ...{ level: 'good', state: 'Moves' },
    },
  ]);
});

test('what stands still leads to the runbook', () => {
  const parts = partsOf({
    ...quiet,
    events: { waiting: 501, mostPerProcess: 1_000 },
    rabbitmq: {
      consumers: [
        { state: 'reading', processes: 1 },
        { state: 'away', processes: 2 },
      ],
      ...{ backlog: 7, deadLetters: 3, held: 0 },
    },
    batches: { waiting: 10_000, isMore: true, oldestSeconds: 61 },
    outbox: [
      { channel: 'email', waiting: 1, oldestSeconds: 61, dead: 4 },
      { channel: 'slack', waiting: 1, oldestSeconds: 60, dead: 0 },
    ],
  });
  const told = parts.map(({ name, waiting, level, about }) => [name, waiting, level, about]);
  expect(told).toEqual([
    ['RabbitMQ, messages at the broker', 7, 'critical', 'away'],
    ['RabbitMQ, received and not acknowledged', 0, 'good', undefined],
    ['RabbitMQ, dead letters', 3, 'warning', 'deadLetters'],
    ['Events in memory', 501, 'warning', 'queue'],
    ['Batches for the roll-up', 10_000, 'warning', 'batches'],
    ['Notices, email', 1, 'warning', 'outbox'],
    ['Notices given up, email', 4, 'warning', 'dead'],
    ['Notices, slack', 1, 'good', undefined],
  ]);
  expect(parts[0]?.state).toBe('Consumers: 1 reading, 2 away');
  expect(parts[3]?.state).toBe('Near the limit of 1,000 a process');
});

test('a part that is not known is left out', () => {
  expect(partsOf({ ...quiet, events: null, batches: null, outbox: null })).toEqual([]);
});
