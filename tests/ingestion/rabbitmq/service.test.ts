import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { SECOND } from '../../../src/time.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useQueue } from '../../support/servers/rabbitmq.ts';
import { useService } from '../../support/service/service.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const patience = { timeout: 30 * SECOND, interval: 50 };
const READY = '/analytics/v1/status/readyz';

function rabbitmqctl(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('rabbitmqctl', [...args, '--quiet'], { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

describe('the service', skipUnless(inject('rabbitmqUrl'), 'needs RabbitMQ'), () => {
  const stream = useQueue('stream');
  const service = useService({
    RABBITMQ_URL: inject('rabbitmqUrl') ?? '',
    RABBITMQ_STREAM: stream.name,
    ROLES: 'api,ingest,worker',
    ROLLUP_INTERVAL: '100ms',
  });
  const invocations = async () => {
    const { json } = await service.call('/analytics/v1/orgs/rabbit/usage');
    return json.totals.invocations;
  };

  test('answers with events that came from RabbitMQ', async () => {
    await stream.publish([[makeUsage({ orgId: 'rabbit' }), makeUsage({ orgId: 'rabbit' })]]);
    await expect.poll(invocations, patience).toBe(2);
  });

  test('reports its state of reading', async () => {
    await expect
      .poll(async () => (await service.call(READY)).json, patience)
      .toMatchObject({
        status: 'ready',
        checks: { rabbitmq: 'ok' },
      });
    const { text } = await service.call('/metrics');
    expect(text).toContain('tidemark_rabbitmq_state{state="reading"} 1');
    expect(text).toContain('tidemark_ingest_events_total{source="rabbitmq",outcome="stored"} 2');
    // These are refreshed every few seconds, so they may still be of a moment before the acknowledgement.
    for (const name of ['backlog_messages', 'dead_letter_messages', 'held_messages']) {
      await expect
        .poll(async () => (await service.call('/metrics')).text, patience)
        .toContain(`\ntidemark_rabbitmq_${name} 0`);
    }
  });

  test(
    'reads on after its connection was closed by force',
    skipUnless(rabbitmqctl('version'), 'needs rabbitmqctl, as root'),
    async () => {
      // One line each: the process of the broker, and the name that the client gave.
      const connections = rabbitmqctl('list_connections', 'pid', 'client_properties')?.split('\n') ?? [];
      const ours = connections.filter((line) =>
        new RegExp(`"tidemark events \\S+ ${process.pid}"`).test(line),
      );
      expect(ours).toHaveLength(1);
      rabbitmqctl('close_connection', ours[0]?.split('\t')[0] ?? '', 'by a test');
      await expect
        .poll(() => service.log.map(({ msg }) => msg), patience)
        .toContain('RabbitMQ is reachable again');
      await stream.publish([makeUsage({ orgId: 'rabbit' })]);
      await expect.poll(invocations, patience).toBe(3);
    },
  );

  test('is not ready while its queue is missing', async () => {
    await stream.connection.queueDelete({ queue: stream.name });
    await stream.connection.queueDeclare({
      queue: stream.name,
      durable: true,
      arguments: { 'x-queue-type': 'quorum' },
    });
    await stream.publish([makeUsage()]);
    await expect
      .poll(async () => (await service.call(READY)).json, patience)
      .toMatchObject({
        status: 503,
        errors: [{ path: 'rabbitmq', message: 'is not available' }],
      });
  });
});

const mayControl = rabbitmqctl('version') !== undefined;
describe(
  'a user who may not write to the default exchange',
  skipUnless(mayControl, 'needs rabbitmqctl, as root'),
  () => {
    const stream = useQueue('stream');
    const url = new URL(inject('rabbitmqUrl') ?? 'amqp://127.0.0.1');
    url.username = `limited-${process.pid}`;
    url.password = 'secret';
    beforeAll(() => {
      rabbitmqctl('add_user', url.username, url.password);
      rabbitmqctl('set_permissions', '-p', '/', url.username, '.*', '^tidemark-test', '.*');
    });
    afterAll(() => void rabbitmqctl('delete_user', url.username));
    const service = useService({ RABBITMQ_URL: url.href, RABBITMQ_STREAM: stream.name });

    test('holds up reading at the first dead letter, and readiness and metrics tell, until the permission is given', async () => {
      await expect.poll(async () => (await service.call(READY)).status, patience).toBe(200);
      await stream.publish(['{"no json']);
      await expect
        .poll(async () => (await service.call(READY)).json, patience)
        .toMatchObject({ status: 503, errors: [{ path: 'rabbitmq' }] });
      expect((await service.call('/metrics')).text).toContain('tidemark_rabbitmq_state{state="paused"} 1');
      rabbitmqctl(
        ...['set_permissions', '-p', '/', url.username, '.*', '^(amq\\.default|tidemark-test.*)$', '.*'],
      );
      await expect.poll(async () => (await service.call(READY)).status, patience).toBe(200);
      expect(await stream.deadLetters()).toHaveLength(1);
    });
  },
);

describe('a process without the ingest role', skipUnless(inject('rabbitmqUrl'), 'needs RabbitMQ'), () => {
  const service = useService({ RABBITMQ_URL: inject('rabbitmqUrl') ?? '', ROLES: 'api' });

  test('does not connect to RabbitMQ', async () => {
    expect((await service.call(READY)).json.checks).toEqual({ database: 'ok' });
    expect((await service.call('/metrics')).text).not.toContain('tidemark_rabbitmq_state');
  });
});
