/** What waits between those who send events and those who are told, as System health shows it. */
import { describe, expect, test } from 'vitest';
import { backlogOf } from '../../../src/notifications/outbox/outbox.ts';
import { answerPipelineHealth } from '../../../src/queries/health/pipeline.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { ScrapedRealtime } from '../../../src/telemetry/prometheus/scraped-realtime.ts';
import { MINUTE, systemClock } from '../../../src/time.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const PATH = '/api/v1/analytics/health/pipeline';

describe('of a service', () => {
  const service = useService({ MAX_QUEUED_EVENTS: '12345' });

  test('batches wait until they are rolled up, and notices until they are sent', async () => {
    const { pool } = service.database;
    const body = [makeUsage({ occurredAt: new Date().toISOString() })];
    expect((await service.call('/analytics/v1/events', { body })).json.stored).toBe(1);
    await pool.query(
      `insert into analytics.notification_outbox
         (notice, org_id, channel, recipient, severity, payload, detected_at, not_before)
       select 'firing', 'acme', channel, 'somebody', 'warning', '{}', now(), now() - interval '1 hour'
       from unnest(array['email', 'webhook']) as channel`,
    );
    const { status, json } = await service.call(PATH);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      ...{ source: 'process', rabbitmq: null, missing: [] },
      events: { waiting: 0, mostPerProcess: 12_345 },
      batches: { waiting: 1, isMore: false },
    });
    expect(json.batches.oldestSeconds).toBeGreaterThan(0);
    for (const { waiting, oldestSeconds, dead } of json.outbox) {
      expect({ waiting, dead }).toEqual({ waiting: 1, dead: 0 });
      expect(oldestSeconds).toBeGreaterThan(3_500);
    }
    expect(json.outbox.length).toBe(2);

    await rollUp(pool);
    await pool.query(`update analytics.notification_outbox set status = 'dead'`);
    const after = (await service.call(PATH)).json;
    expect(after.batches).toEqual({ waiting: 0, isMore: false, oldestSeconds: 0 });
    expect(after.outbox).toEqual(
      json.outbox.map(({ channel }: { channel: string }) => ({
        ...{ channel, waiting: 0, oldestSeconds: 0, dead: 1 },
      })),
    );
  });

  test('only callers who reach all orgs may see it', async () => {
    const token = await tokenOf(['engineer'], ['acme']);
    const { status, json } = await service.call(PATH, { token });
    expect(status).toBe(403);
    expect(json.detail).toContain('All orgs share the queue');
  });
});

describe('of several processes', () => {
  const database = useDatabase();

  /** `/metrics` of a process that takes events, with its own view of the one queue at the broker. */
  function exposed(state: string, { backlog, held, queued }: Record<'backlog' | 'held' | 'queued', number>) {
    return `
tidemark_process_start_time_seconds ${(Date.now() - MINUTE) / 1_000}
tidemark_queue_events ${queued}
tidemark_rabbitmq_backlog_messages ${backlog}
tidemark_rabbitmq_dead_letter_messages 3
tidemark_rabbitmq_held_messages ${held}
tidemark_rabbitmq_state{state="${state}"} 1
`;
  }

  async function read(texts: readonly string[]) {
    const targets = texts.map((text, index) => ({
      name: `process ${index}`,
      fetch: async () => {
        if (text === '') throw new Error('refused');
        return text;
      },
    }));
    const realtime = new ScrapedRealtime({
      ...{ source: 'scrape', targets, clock: systemClock, window: MINUTE, budget: 1_000 },
    });
    return answerPipelineHealth({
      ...{ pool: database.pool, realtime, readOutbox: backlogOf, clock: systemClock },
      config: { maxQueuedEvents: 1_000 },
    });
  }

  test('events in memory add up, and the queue at the broker counts once', async () => {
    const texts = [
      exposed('reading', { backlog: 40, held: 5, queued: 7 }),
      exposed('standby', { backlog: 38, held: 0, queued: 2 }),
    ];
    expect(await read(texts)).toMatchObject({
      source: 'scrape',
      events: { waiting: 9 },
      rabbitmq: {
        consumers: [
          { state: 'reading', processes: 1 },
          { state: 'standby', processes: 1 },
        ],
        ...{ backlog: 40, deadLetters: 3, held: 5 },
      },
      missing: [],
    });
  });

  test('a process that does not answer is named, and no figure is made up for it', async () => {
    expect(await read([''])).toMatchObject({
      ...{ events: null, rabbitmq: null, batches: { waiting: 0 }, outbox: [] },
      missing: [{ part: 'process 0', reason: 'refused' }],
    });
  });

  test('a table that is locked leaves the other parts as they are', async () => {
    const client = await database.pool.connect();
    try {
      await client.query('begin; lock table analytics.notification_outbox in access exclusive mode');
      const answer = await read([exposed('paused', { backlog: 0, held: 0, queued: 0 })]);
      expect(answer).toMatchObject({
        ...{ outbox: null, batches: { waiting: 0 } },
        missing: [{ part: 'outbox', reason: 'not answered within 1000 ms' }],
      });
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});
