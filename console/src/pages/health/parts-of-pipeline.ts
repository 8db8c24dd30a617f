import { exactCount } from '../../numbers/count.ts';
import type { Level } from '../../parts/status.tsx';
import { words } from '../../words/health.ts';
import type { Pipeline } from './queries.ts';

/** A place where something waits. */
export interface Part {
  name: string;
  waiting: number;
  /** Whether more wait than were counted. */
  isMore?: boolean;
  /** How long the oldest has waited, where that is known. */
  oldestSeconds?: number;
  level: Level;
  state: string;
  /** What leads to a section of the runbook; nothing while all is well. */
  about?: string;
}

const { pipeline: text } = words;

/** A roll-up comes every second, and a notice is sent at once. */
const LATE_SECONDS = 60;
/** A queue that is fuller than this share of its limit will soon refuse events. */
const FULL = 0.5;

/** The places where events and notices wait, in the order in which they pass. */
export function partsOf({ events, rabbitmq, batches, outbox }: Pipeline): Part[] {
  return [
    ...(rabbitmq === null ? [] : partsOfRabbitmq(rabbitmq)),
    ...(events === null ? [] : [queuePart(events)]),
    ...(batches === null
      ? []
      : [{ name: text.parts.batches, ...batches, ...lateness(batches.oldestSeconds, 'batches') }]),
    ...(outbox ?? []).flatMap(({ channel, waiting, oldestSeconds, dead }): Part[] => [
      {
        ...{ name: text.parts.outbox(channel), waiting, oldestSeconds },
        ...lateness(oldestSeconds, 'outbox'),
      },
      ...(dead === 0 ? [] : [lost(text.parts.dead(channel), dead, 'dead')]),
    ]),
  ];
}

function queuePart({ waiting, mostPerProcess }: NonNullable<Pipeline['events']>): Part {
  const isFull = waiting > FULL * mostPerProcess;
  return {
    ...{ name: text.parts.queue, waiting, level: isFull ? 'warning' : 'good' },
    state: isFull ? text.many(exactCount(mostPerProcess)) : text.moves,
    ...(isFull && { about: 'queue' }),
  };
}

function partsOfRabbitmq({
  consumers,
  backlog,
  held,
  deadLetters,
}: NonNullable<Pipeline['rabbitmq']>): Part[] {
  const inState = (state: string) => consumers.some((consumer) => consumer.state === state);
  const list = consumers.map(({ state, processes }) => text.consumer(state, exactCount(processes)));
  const trouble = inState('away') ? 'away' : inState('paused') ? 'paused' : undefined;
  const level = { away: 'critical', paused: 'warning' } as const;
  return [
    {
      ...{ name: text.parts.backlog, waiting: backlog, state: text.consumers(list.join(', ')) },
      level: trouble === undefined ? 'good' : level[trouble],
      ...(trouble !== undefined && { about: trouble }),
    },
    { name: text.parts.held, waiting: held, level: 'good', state: text.moves },
    ...(deadLetters === 0 ? [] : [lost(text.parts.deadLetters, deadLetters, 'deadLetters')]),
  ];
}

function lateness(oldestSeconds: number, about: string): Pick<Part, 'level' | 'state' | 'about'> {
  if (oldestSeconds <= LATE_SECONDS) return { level: 'good', state: text.moves };
  return { level: 'warning', state: text.late, about };
}

function lost(name: string, waiting: number, about: string): Part {
  return { name, waiting, level: 'warning', state: text.lost, about };
}
