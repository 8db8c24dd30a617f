/**
 * A shortened burst of five times the steady load. `npm run bench:sustained` runs it in full and measures it.
 */
import { describe, expect, inject, test } from 'vitest';
import { sustainLoad } from '../../bench/support/sustained-load.ts';
import { MINUTE, SECOND } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { skipUnless } from '../support/skip-unless.ts';

describe('a burst through RabbitMQ', skipUnless(inject('rabbitmqUrl'), 'needs RabbitMQ'), () => {
  const database = useDatabase();

  test('is stored and rolled up without loss, however much queues up', {
    timeout: 10 * MINUTE,
  }, async () => {
    const plan = {
      rabbitmqUrl: inject('rabbitmqUrl') ?? '',
      queueType: 'stream' as const,
      rate: 400,
      factor: 5,
      steady: 2 * SECOND,
      burst: 8 * SECOND,
      env: { DATABASE_URL: database.url },
    };
    const { samples, published, received, stored, events, drifts, ...others } = await sustainLoad(
      plan,
      () => {},
    );
    expect(published).toBeGreaterThan(0);
    expect({ received, stored, events }).toEqual({
      received: published,
      stored: published,
      events: published,
    });
    expect(others).toMatchObject({ duplicates: 0, conflicts: 0, rejected: 0 });
    expect(drifts).toEqual([]);
    expect([...new Set(samples.map(({ phase }) => phase))]).toEqual(['steady', 'burst', 'drain', 'end']);
  });
});
