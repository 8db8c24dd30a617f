import { Type } from 'typebox';
import { orNull } from '../fields/nullable.ts';
import { moment } from '../fields/texts.ts';
import { MissingSchema, realtimeSource } from './realtime-schema.ts';

const oldestSeconds = Type.Number({ description: 'How long the oldest of them has been waiting.' });

export const PipelineHealthSchema = Type.Object({
  asOf: moment('When it was read.'),
  source: realtimeSource,
  events: orNull(
    Type.Object({
      waiting: Type.Integer({ description: 'Events in memory that are not stored yet, of all processes.' }),
      mostPerProcess: Type.Integer({
        description:
          'MAX_QUEUED_EVENTS of the process that answers. A process that holds as many answers 429.',
      }),
    }),
    'null: no process that takes events tells.',
  ),
  rabbitmq: orNull(
    Type.Object({
      consumers: Type.Array(
        Type.Object({
          state: Type.String({
            description: 'away, reading, standby (another process reads) or paused.',
          }),
          processes: Type.Integer(),
        }),
        { description: 'The processes that consume, by state.' },
      ),
      backlog: Type.Integer({ description: 'Messages that wait at the broker.' }),
      deadLetters: Type.Integer({ description: 'Messages in the dead-letter queue.' }),
      held: Type.Integer({ description: 'Messages received and not acknowledged yet.' }),
    }),
    'null: no process reads from RabbitMQ.',
  ),
  batches: orNull(
    Type.Object({
      waiting: Type.Integer({
        description: 'Stored batches that no roll-up has taken yet. At most 10,000 are counted.',
      }),
      isMore: Type.Boolean({ description: 'Whether there are more than `waiting`.' }),
      oldestSeconds,
    }),
    'null: see `missing`.',
  ),
  outbox: orNull(
    Type.Array(
      Type.Object({
        channel: Type.String(),
        waiting: Type.Integer({ description: 'Notices that are due and not delivered.' }),
        oldestSeconds,
        dead: Type.Integer({ description: 'Notices whose delivery was given up.' }),
      }),
      { description: 'The channels that have notices that are due or given up.' },
    ),
    'null: see `missing`.',
  ),
  missing: MissingSchema,
});
