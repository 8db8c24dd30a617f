import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL_ORGS } from '../../src/events/all-orgs.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { rollupTotals } from '../support/answers/rollup-totals.ts';
import { useDatabase } from '../support/database/database.ts';
import { runCommand } from '../support/service/run-command.ts';
import { skipUnless } from '../support/skip-unless.ts';

const trace = fileURLToPath(new URL('../../../shared/data/azure-llm-2023-code.csv', import.meta.url));

const database = useDatabase();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-import-'));
});
afterAll(() => rm(folder, { recursive: true }));

function tidemark(...args: string[]) {
  return runCommand(['import', ...args], { DATABASE_URL: database.url });
}

/** The summary without its duration. */
function countsOf(output: string) {
  return Object.fromEntries(
    [...output.matchAll(/^ {2}(\w+) +([\d,]+)$/gm)].map(([, name, count]) => [
      name,
      Number(count?.replaceAll(',', '')),
    ]),
  );
}

describe(
  'an hour of a real inference service',
  skipUnless(existsSync(trace), 'needs the Azure trace of LLM inference 2023 (code)'),
  () => {
    const columns = ['--map', 'occurredAt=TIMESTAMP,inputTokens=ContextTokens,outputTokens=GeneratedTokens'];
    const constants = ['--set', 'orgId=acme,modelId=code,latencyMs=0,status=success,costEstimateCents=0'];

    test('gives the published totals, however often it is imported', async () => {
      for (const [stored, duplicates] of [
        [8_819, 0],
        [0, 8_819],
      ]) {
        const { code, output, complaint } = await tidemark(trace, ...columns, ...constants, '--any-time');
        expect({ code, complaint }).toEqual({ code: 0, complaint: '' });
        expect(countsOf(output)).toEqual({ received: 8_819, stored, duplicates, conflicts: 0, rejected: 0 });
      }
      while ((await rollUp(database.pool)) > 0);
      const published = {
        type: 'usage',
        bucket: '2023-11-16 00:00:00+00',
        count: '8819',
        input_tokens: '18059974',
      };
      expect(await rollupTotals(database.pool, grainNamed('day'))).toMatchObject([
        { org_id: ALL_ORGS, ...published },
        { org_id: 'acme', ...published },
      ]);
      const { rows } = await database.pool.query(
        `select sum(output_tokens)::int as output from analytics.rollups where grain = 'minute' and org_id = 'acme'`,
      );
      expect(rows).toEqual([{ output: 245_896 }]);
      expect(await reconcile(database.pool)).toMatchObject({ rows: 8_819, drifts: [] });
    });
  },
);

describe('tidemark import', () => {
  const header = 'occurredAt,orgId,modelId,latencyMs,status,inputTokens,outputTokens,costEstimateCents';
  const at = new Date().toISOString();

  test('writes refused rows beside the file, and ends with 2', async () => {
    const file = join(folder, 'some.csv');
    await writeFile(file, `${header}\n${at},acme,m,1,success,1,1,0\n${at},acme,m,fast,success,1,1,0\n`);
    const { code, output } = await tidemark(file);
    expect(code).toBe(2);
    expect(countsOf(output)).toMatchObject({ received: 2, stored: 1, rejected: 1 });
    expect(output).toContain(`${file}.rejected.ndjson`);
    expect(JSON.parse(await readFile(`${file}.rejected.ndjson`, 'utf8'))).toEqual({
      line: 3,
      code: 'invalid',
      reason: expect.stringContaining('latencyMs must be a number'),
      row: `${at},acme,m,fast,success,1,1,0`,
    });
  });

  test('lists the reasons of refusals, and names the option that accepts old rows', async () => {
    const file = join(folder, 'old.csv');
    const row = (time: string, latency: string) => `${time},acme,m,${latency},success,1,1,0`;
    const old = Array.from({ length: 12 }, () => row('2023-11-16T18:17:03Z', '1'));
    const slow = Array.from({ length: 2 }, () => row(at, 'slow'));
    await writeFile(file, [header, ...slow, ...old].join('\n'));
    const { code, output } = await tidemark(file);
    expect(code).toBe(2);
    expect(output).toMatch(
      /by reason:\n {2}12 {2}occurredAt must not be more than 400 days ago\n {3}2 {2}latencyMs must be a number/,
    );
    expect(output).toContain('--any-time accepts events of any age. --shift-to TIME shifts all times');
    expect((await tidemark(file, '--any-time')).output).not.toContain('--any-time');
  });

  test('explains generated ids when a file differs on its second import', async () => {
    const file = join(folder, 'shifted.csv');
    await writeFile(file, `${header}\n2023-11-16T18:17:03Z,acme,shifted,1,success,1,1,0\n`);
    const to = (hours: number) => ['--shift-to', new Date(Date.now() - hours * 3_600_000).toISOString()];
    expect((await tidemark(file, ...to(1))).output).not.toContain('id');
    const { code, output } = await tidemark(file, ...to(2));
    expect(code).toBe(2);
    expect(countsOf(output)).toMatchObject({ stored: 0, conflicts: 1 });
    expect(output).toContain('with another --shift-to it is a conflict');
  });

  test('counts the rows that it stored before the file broke off', async () => {
    const file = join(folder, 'broken.csv');
    const good = `${at},acme,broken,1,success,1,1,0`;
    await writeFile(file, `${header}\n${good}\n${good}\n${at},"acme\n`);
    const { code, output, complaint } = await tidemark(file);
    expect(code).toBe(1);
    expect(countsOf(output)).toMatchObject({ received: 2, stored: 2 });
    expect(complaint).toBe(
      'tidemark: the row after line 3 does not end: a quote is opened and never closed\n',
    );
  });

  test('writes refused rows to --rejected, and reads the given --format', async () => {
    const file = join(folder, 'events.log');
    const rejected = join(folder, 'elsewhere.ndjson');
    await writeFile(file, '{"orgId":"acme","note":"a, b=c"}\n');
    const { code } = await tidemark(file, '--format', 'ndjson', '--type', 'error', '--rejected', rejected);
    expect(code).toBe(2);
    expect(await readFile(rejected, 'utf8')).toContain('severity is required');
  });

  test.for([
    [['nowhere.csv'], 'does not exist'],
    [['FOLDER'], 'is a directory'],
    [['some.log'], 'give --format'],
    [['some.csv', '--map', 'nonsense'], '"nonsense" has no name; give name=value'],
    [['some.csv', '--shift-to', 'tomorrow'], 'Give a time such as'],
    [
      ['some.csv', '--map', 'occuredAt=t'],
      '"occuredAt" is not a field of an event; did you mean occurredAt?',
    ],
    [['some.csv', '--set', 'org=acme'], '"org" is not a field of an event; did you mean orgId?'],
    [
      ['some.csv', '--set', 'completelyElse=1', '--type', 'inventory'],
      'the fields of type inventory are eventId, orgId, type, occurredAt, correlationId, actorId, sku, quantity and metadata.NAME',
    ],
    [['some.csv', '--delimiter', ';;'], 'Give one character, or tab.'],
    [['some.csv', '--delimiter', ';', '--format', 'ndjson'], '--delimiter is allowed only for CSV files'],
    [['some.csv', '--rejected', 'some.csv'], 'must not be the imported file'],
    [['some.csv', '--type', 'alert'], 'Allowed choices are'],
  ] as const)('%j fails with 1 and says why', async ([args, why]) => {
    await writeFile(join(folder, 'some.csv'), header);
    const inFolder = args.map((arg) =>
      arg === 'FOLDER' ? folder : /^\w+\.\w+$/.test(arg) ? join(folder, arg) : arg,
    );
    const format = args[0] === 'FOLDER' ? ['--format', 'csv'] : [];
    const { code, complaint } = await tidemark(...inFolder, ...format);
    expect(complaint).toContain(why);
    expect(code).toBe(1);
  });

  test('reports that the database is away, and which setting names it', async () => {
    const { code, complaint } = await runCommand(['import', join(folder, 'some.csv')], {
      DATABASE_URL: 'postgres://postgres@127.0.0.1:1/none',
    });
    expect(complaint.split('\n')[0]).toBe('tidemark: connect ECONNREFUSED 127.0.0.1:1');
    expect(complaint).toContain('Check DATABASE_URL');
    expect(code).toBe(1);
  });

  test('a dry run says what an import would count, and stores nothing', async () => {
    const log = fileURLToPath(new URL('../ingestion/files/logs/openrouter.csv', import.meta.url));
    const args = [
      log,
      '--format',
      'openrouter',
      '--set',
      'orgId=dry',
      '--rejected',
      join(folder, 'dry.ndjson'),
    ];
    const before = await tidemark(...args, '--dry-run');
    expect(before.code).toBe(2);
    expect(before.output).toMatch(/would be stored +2\n.*duplicates +0\n.*rejected +1\n/s);
    expect(before.output).toMatch(/input tokens +950\n.*output tokens +90\n.*cost in dollars +0.003300\n/s);
    expect(before.output).toContain('line 4: cost_total must be an amount of 0 or more, and is "oops"');
    expect(existsSync(join(folder, 'dry.ndjson'))).toBe(false);
    const count = `select count(*)::int as events from analytics.events where org_id = 'dry'`;
    expect((await database.pool.query(count)).rows).toEqual([{ events: 0 }]);
    await tidemark(...args);
    const after = await tidemark(...args, '--dry-run');
    expect(after.output).toMatch(/would be stored +0\n.*duplicates +2\n.*cost in dollars +0.000000\n/s);
    expect((await database.pool.query(count)).rows).toEqual([{ events: 2 }]);
  });
});
