import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { DeadLetter } from '../../../src/ingestion/rabbitmq/dead-letter.ts';
import { deadLettersOf } from '../../../src/ingestion/rabbitmq/dead-letters.ts';
import type { QueueType } from '../../../src/ingestion/rabbitmq/queues.ts';
import { SECOND } from '../../../src/time.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { NO_POISON, refusePoison, takePoison } from '../../support/events/poison.ts';
import { type Reader, startReader, totalsOf, useQueue } from '../../support/servers/rabbitmq.ts';
import { runCommand } from '../../support/service/run-command.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const patience = { timeout: 30 * SECOND, interval: 50 };

describe.each<QueueType>(['stream', 'quorum'])('from a %s', (type) => {
  describe('a message that cannot be stored', skipUnless(inject('rabbitmqUrl'), 'needs RabbitMQ'), () => {
    const database = useDatabase();
    const queue = useQueue(type);
    let reader: Reader;
    const counts = async () => {
      const { received, stored, rejected } = await totalsOf(database);
      return { received, stored, rejected };
    };
    const deadLetters = (...args: string[]) =>
      runCommand(['dead-letters', ...args], {
        PATH: process.env.PATH ?? '',
        RABBITMQ_URL: inject('rabbitmqUrl') ?? '',
        RABBITMQ_STREAM: queue.name,
      });
    const listed = async (): Promise<DeadLetter[]> => {
      const { output } = await deadLetters('list', '--json');
      return output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
    };

    beforeAll(async () => {
      reader = startReader(database, queue);
      await refusePoison(database.pool);
    });
    afterAll(() => reader.stop());

    test('is set aside with its reason, and does not block others', async () => {
      await queue.publish([makeUsage()]);
      await queue.publish([Buffer.from('{"no json'), 'text'], {
        correlationId: 'c-1',
        headers: { own: 'kept' },
      });
      await queue.publish([[makeUsage(), { event_id: 'e', org_id: 'acme', input_tokens: -1 }, 7]]);
      await queue.publish([makeUsage()]);
      await expect.poll(counts, patience).toEqual({ received: 7, stored: 3, rejected: 4 });
      await expect.poll(() => queue.deadLetters(), patience).toHaveLength(4);
      const letters = await queue.deadLetters();
      expect(letters.map(({ body }) => body).sort()).toEqual(
        ['{"no json', 'text', '{"event_id":"e","org_id":"acme","input_tokens":-1}', '7'].sort(),
      );
      for (const { source, id, at } of letters) {
        expect(source).toBe(queue.name);
        expect(id).toMatch(/^[0-9a-f-]{36}$/);
        expect(Date.parse(at)).toBeGreaterThan(Date.now() - 60 * SECOND);
      }
      const snake = letters.find(({ body }) => body.includes('event_id'));
      expect(snake).toMatchObject({
        index: 1,
        reason: expect.stringContaining('inputTokens must be a whole number'),
      });
      const channel = await queue.connection.acquire();
      const raw = await channel.basicGet(deadLettersOf(queue.name));
      expect(raw?.headers?.['x-tidemark-reason']).toContain('not valid JSON');
      expect(raw).toMatchObject({ correlationId: 'c-1', headers: { own: 'kept' } });
      await channel.close();
    });

    test('is found among others when only the database refuses it', async () => {
      const before = await counts();
      const events = Array.from({ length: 20 }, (_, place) =>
        makeUsage(place === 13 ? { modelId: 'poison' } : {}),
      );
      await queue.publish(events);
      await expect.poll(counts, patience).toEqual({
        received: before.received + 20,
        stored: before.stored + 19,
        rejected: before.rejected + 1,
      });
      const letter = (await queue.deadLetters()).find(({ reason }) => reason.includes(NO_POISON));
      expect(JSON.parse(letter?.body ?? '')).toEqual(events[13]);
    });

    // Runs commands, each of which starts a process.
    test('is listed, sent again once it can be stored, and dropped, by command', {
      timeout: 240_000,
    }, async () => {
      const { output } = await deadLetters('list');
      expect(output).toContain('the message is not valid JSON');
      const letters = await listed();
      expect(letters).toHaveLength(5);
      const refused = letters.find(({ reason }) => reason.includes(NO_POISON));
      await takePoison(database.pool);
      const before = await counts();
      expect(await deadLetters('replay', refused?.id ?? '')).toMatchObject({
        code: 0,
        output: '\n  1 sent again.\n\n',
      });
      await expect
        .poll(counts, patience)
        .toEqual({ ...before, received: before.received + 1, stored: before.stored + 1 });
      expect(await listed()).toHaveLength(4);

      const [first] = letters;
      expect((await deadLetters('drop', first?.id ?? '')).output).toBe('\n  1 deleted.\n\n');
      expect(await deadLetters('drop', first?.id ?? '')).toMatchObject({
        output: '\n  0 deleted.\n\n',
        complaint: `tidemark: there is no dead letter ${first?.id}\n`,
        code: 1,
      });
      expect((await deadLetters('replay', '--all')).output).toBe('\n  3 sent again.\n\n');
      // They come back, because they are unchanged.
      await expect.poll(async () => (await listed()).length, patience).toBe(3);
      expect((await deadLetters('drop', '--all')).output).toBe('\n  3 deleted.\n\n');
      expect((await deadLetters('list')).output).toBe('\n  There are no dead letters.\n\n');
    });

    test('is set aside in a new queue after the old one was deleted', async () => {
      await queue.connection.queueDelete({ queue: deadLettersOf(queue.name) });
      await queue.publish(['text']);
      await expect
        .poll(
          () =>
            queue.deadLetters().then(
              (letters) => letters.length,
              () => 0,
            ),
          patience,
        )
        .toBe(1);
    });
  });
});

describe('tidemark dead-letters', () => {
  const run = (args: string[], env: Record<string, string> = {}) =>
    runCommand(['dead-letters', ...args], { PATH: process.env.PATH ?? '', ...env });

  test('names the settings that it needs', async () => {
    expect(await run(['list'])).toMatchObject({
      code: 1,
      complaint: 'tidemark: RABBITMQ_URL is not set; set it to the URL of your RabbitMQ\n',
    });
    const away = await run(['list'], { RABBITMQ_URL: 'amqp://127.0.0.1:1' });
    expect(away.complaint).toContain('RabbitMQ cannot be reached: connect ECONNREFUSED');
  });

  test.skipIf(!inject('rabbitmqUrl'))(
    'does not replay or drop anything without being told what',
    async () => {
      const env = { RABBITMQ_URL: inject('rabbitmqUrl') ?? '', RABBITMQ_STREAM: 'tidemark-test.none' };
      for (const command of ['replay', 'drop']) {
        expect((await run([command], env)).complaint).toContain(
          'give either the ids of dead letters or --all',
        );
      }
      expect((await run(['list'], env)).complaint).toContain(
        'RabbitMQ has no tidemark-test.none.dead-letters',
      );
    },
  );
});
