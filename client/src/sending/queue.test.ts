import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue, type QueuedEvent } from './queue.ts';

const MOST_BYTES = 1_000;

type Step = { add: number } | { take: [number, number] } | 'settle';

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 300 }) }) },
    fc.record({ take: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 600 })) }),
    fc.constant<'settle'>('settle'),
  ),
  { maxLength: 200 },
);

test('events leave in order, once, within the bounds, and never hold more than the bytes of the queue', () => {
  fc.assert(
    fc.property(steps, (plan: Step[]) => {
      const queue = new EventQueue(MOST_BYTES);
      const accepted: number[] = [];
      const taken: number[] = [];
      const inFlight: QueuedEvent[][] = [];
      let held = 0;
      for (const [sequence, step] of plan.entries()) {
        if (step === 'settle') {
          const events = inFlight.shift() ?? [];
          queue.settle(events);
          held -= sum(events);
        } else if ('add' in step) {
          const added = queue.add({ text: '', bytes: step.add, sequence });
          expect(added).toBe(held + step.add <= MOST_BYTES);
          if (added) accepted.push(sequence);
          if (added) held += step.add;
        } else {
          const [maxEvents, maxBytes] = step.take;
          const events = queue.take(maxEvents, maxBytes);
          expect(events.length).toBeLessThanOrEqual(maxEvents);
          if (events.length > 1) expect(sum(events)).toBeLessThanOrEqual(maxBytes);
          taken.push(...events.map((event) => event.sequence));
          inFlight.push(events);
        }
        expect(queue.waitingBytes).toBe(held - inFlight.reduce((bytes, events) => bytes + sum(events), 0));
      }
      taken.push(...queue.take(plan.length + 1, Number.POSITIVE_INFINITY).map((event) => event.sequence));
      expect(taken).toEqual(accepted);
      expect(queue.length).toBe(0);
    }),
  );
});

function sum(events: readonly QueuedEvent[]): number {
  return events.reduce((bytes, event) => bytes + event.bytes, 0);
}
