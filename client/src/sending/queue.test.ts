import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue, type QueuedEvent } from './queue.ts';

const MOST_BYTES = 2_000;
/** An event takes so much beside its text. */
const OVERHEAD = 96;

type Step = { add: string } | { take: [number, number] } | 'settle';

const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ add: fc.string({ unit: fc.constantFrom('x', '検'), maxLength: 300 }) }),
    },
    fc.record({ take: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 600 })) }),
    fc.constant<'settle'>('settle'),
  ),
  { maxLength: 200 },
);

test('events leave in order, once, within the bounds, and never take more memory than the queue may', () => {
  fc.assert(
    fc.property(steps, (plan: Step[]) => {
      const queue = new EventQueue(MOST_BYTES);
      const accepted: number[] = [];
      const taken: number[] = [];
      const inFlight: QueuedEvent[][] = [];
      let held = 0;
      let waiting = 0;
      for (const [sequence, step] of plan.entries()) {
        if (step === 'settle') {
          const events = inFlight.shift() ?? [];
          queue.settle(events);
          for (const { text } of events) held -= roomOf(text);
        } else if ('add' in step) {
          const { add: text } = step;
          const added = queue.add({ text, bytes: Buffer.byteLength(text) + 1, sequence });
          expect(added).toBe(held + roomOf(text) <= MOST_BYTES);
          if (!added) continue;
          accepted.push(sequence);
          held += roomOf(text);
          waiting += Buffer.byteLength(text) + 1;
        } else {
          const [maxEvents, maxBytes] = step.take;
          const events = queue.take(maxEvents, maxBytes);
          expect(events.length).toBeLessThanOrEqual(maxEvents);
          if (events.length > 1) expect(sum(events)).toBeLessThanOrEqual(maxBytes);
          taken.push(...events.map((event) => event.sequence));
          inFlight.push(events);
          waiting -= sum(events);
        }
        expect(queue.waitingBytes).toBe(waiting);
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

/** A string in the memory of V8 has one byte a character, or two if any is beyond Latin-1. */
function roomOf(text: string): number {
  return OVERHEAD + text.length * (text.includes('検') ? 2 : 1);
}
