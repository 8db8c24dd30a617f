import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database/database.ts';
import { runCommand } from '../support/service/run-command.ts';

const database = useDatabase();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-prices-'));
});
afterAll(() => rm(folder, { recursive: true }));

function tidemark(...args: string[]) {
  return runCommand(args, { DATABASE_URL: database.url });
}

async function fileWith(text: string): Promise<string> {
  const path = join(folder, 'prices.yaml');
  await writeFile(path, text);
  return path;
}

const FILE = `prices:
  - provider: gemini
    effectiveFrom: 2026-01-01
    centsPerMillionInputTokens: 7.5
    centsPerMillionOutputTokens: 30
  - provider: replicate
    pipeline: 3d
    effectiveFrom: 2026-01-01
    effectiveTo: 2026-06-01T12:30:00.000Z
    centsPerSecond: 0.14
`;

describe('tidemark prices', () => {
  test('import --dry-run shows the changes and writes nothing', async () => {
    const { code, output } = await tidemark('prices', 'import', await fileWith(FILE), '--dry-run');
    expect(code).toBe(0);
    expect(output).toMatch(/added +gemini +2026-01-01 00:00 UTC +- +- +- +7\.5 +30\n/);
    expect(output).toContain('2 added, 0 changed, 0 unchanged; nothing was written (--dry-run).');
    expect((await tidemark('prices', 'list')).output).toContain('There are no prices.');
  });

  test('import writes the prices, and changes nothing the second time', async () => {
    const path = await fileWith(FILE);
    expect((await tidemark('prices', 'import', path)).output).toContain('2 added, 0 changed, 0 unchanged.');
    expect((await tidemark('prices', 'import', path)).output).toContain('0 added, 0 changed, 2 unchanged.');
    const { rows } = await database.pool.query(
      'select action, actor_via, subject, after from analytics.audit_log',
    );
    const none = { added: 0, changed: 0, unchanged: 0 };
    expect(rows).toEqual([
      {
        ...{ action: 'prices.import', actor_via: 'command_line', subject: 'prices.yaml' },
        after: { prices: { ...none, added: 2 }, modelPrices: none, modelAliases: none },
      },
    ]);
  });

  test('export writes a file that import reads', async () => {
    expect((await tidemark('prices', 'export')).output).toBe(FILE);
  });

  test('list shows when prices apply to the second, and finer where that matters', async () => {
    const file = `prices:
  - provider: tripo
    effectiveFrom: 2026-01-01T12:00:30Z
    effectiveTo: 2026-02-01T00:00:00.250Z
    centsPerJob: 22
`;
    await tidemark('prices', 'import', await fileWith(file));
    const { output } = await tidemark('prices', 'list');
    expect(output).toMatch(/tripo +2026-01-01 12:00:30 UTC +2026-02-01 00:00:00\.250 UTC +22 /);
    const id = /(\d+) +tripo/.exec(output)?.[1];
    expect((await tidemark('prices', 'remove', String(id))).code).toBe(0);
  });

  test('list shows prices with their ids, and remove removes one', async () => {
    const { output } = await tidemark('prices', 'list');
    const id = /(\d+) +replicate \/ 3d +2026-01-01 00:00 UTC +2026-06-01 12:30 UTC +- +0\.14/.exec(
      output,
    )?.[1];
    expect((await tidemark('prices', 'remove', String(id))).output).toContain('was removed');
    expect((await tidemark('prices', 'list')).output).not.toContain('replicate');
    expect(await tidemark('prices', 'remove', String(id))).toMatchObject({ code: 1 });
  });

  test.for([
    ['prices: [', 'not valid YAML'],
    ['- provider: x', 'prices: must be a list'],
    [
      FILE.replace('centsPerSecond: 0.14', 'centsPerSecond: lots'),
      'prices[1].centsPerSecond: must be a number',
    ],
    [
      FILE + FILE.split('\n').slice(1).join('\n'),
      'prices[2].effectiveFrom: is the same as that of prices[0]',
    ],
  ] as const)('a file that is wrong changes nothing and says where', async ([text, why]) => {
    const { code, complaint } = await tidemark('prices', 'import', await fileWith(text));
    expect(complaint).toContain(why);
    expect(code).toBe(1);
    expect((await tidemark('prices', 'list')).output).not.toContain('replicate');
  });
});

describe('tidemark prices import --from', () => {
  const LIST = `{
    "sample_spec": {"litellm_provider": "one of the providers", "mode": "chat", "input_cost_per_token": 0},
    "swift-1": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 1.1e-06, "output_cost_per_token": 4.4e-06},
    "painter": {"litellm_provider": "acme", "mode": "image_generation", "output_cost_per_image": 0.04}
  }`;

  test('takes the prices of a public list, says what it skipped, and changes nothing the second time', async () => {
    const path = await fileWith(LIST);
    const dry = await tidemark('prices', 'import', path, '--from', 'litellm', '--dry-run');
    expect(dry).toMatchObject({
      code: 0,
      output: expect.stringContaining('1 added, 0 changed, 0 unchanged; nothing was written (--dry-run).'),
    });
    expect(dry.output).toMatch(/skipped +painter .*image_generation/);
    const stored = () =>
      database.pool.query(
        `select provider, model, rates->'usdPerMillionInputTokens' as input from analytics.model_prices`,
      );
    expect((await stored()).rows).toEqual([]);
    await tidemark('prices', 'import', path, '--from', 'litellm');
    expect((await stored()).rows).toEqual([{ provider: 'acme', model: 'swift-1', input: 1.1 }]);
    const again = await tidemark('prices', 'import', path, '--from', 'litellm');
    expect(again.output).toContain('0 added, 0 changed, 1 unchanged.');
  });

  test('refuses a file that is no such list', async () => {
    const path = await fileWith('{"models": 1}');
    const { code, complaint } = await tidemark('prices', 'import', path, '--from', 'genai-prices');
    expect({ code, complaint }).toMatchObject({ code: 1, complaint: expect.any(String) });
    expect((await tidemark('prices', 'import', path, '--from', 'else')).code).not.toBe(0);
  });
});

describe('prices of models and aliases', () => {
  const MODELS = `modelPrices:
  - provider: acme
    model: swift-2
    effectiveFrom: 2026-01-01
    usdPerMillionInputTokens: 0.123456789
    tiers:
      - aboveInputTokens: 200000
        usdPerMillionInputTokens: 2
modelAliases:
  - provider: acme.cloud
    asProvider: acme
`;

  test('come from a file, and a file that is exported changes nothing', async () => {
    await database.pool.query('truncate analytics.prices, analytics.model_prices, analytics.model_aliases');
    const { output, complaint } = await tidemark('prices', 'import', await fileWith(MODELS));
    expect(complaint).toBe('');
    expect(output).toMatch(
      /added +acme \/ swift-2 +2026-01-01 00:00 UTC +- +0\.123456789 +- +- +- +- +- +- +- +- +1\n/,
    );
    expect(output).toMatch(/added +acme\.cloud \/ all models +acme\n/);
    const yaml = (await tidemark('prices', 'export')).output;
    expect(yaml).toBe(MODELS);
    const again = await tidemark('prices', 'import', await fileWith(yaml));
    expect(again.output).toContain(' 0 added, 0 changed, 2 unchanged.\n');
  });

  test('are listed and removed, and aliases are set', async () => {
    const set = await tidemark('prices', 'alias', 'Acme.Edge', 'acme');
    expect(set.output).toMatch(/The alias \d+ was set: acme\.edge is acme\./);
    const { output } = await tidemark('prices', 'list');
    const idOf = (pattern: RegExp) => pattern.exec(output)?.[1] ?? '';
    const [price, alias] = [idOf(/(\d+) +acme \/ swift-2 /), idOf(/(\d+) +acme\.edge \/ all models/)];
    const removed = await tidemark('prices', 'remove', '--model', price);
    expect(removed.output).toContain('acme / swift-2 was removed');
    expect((await tidemark('prices', 'remove', '--alias', alias)).output).toContain(
      'acme.edge is acme, was removed',
    );
  });
});

test('the prices that ship are used by nothing before they are imported, and then by counted calls too', async () => {
  const count = async () =>
    (await database.pool.query('select count(*)::int as n from analytics.model_prices')).rows[0]?.n;
  expect(await count()).toBe(0);
  expect((await tidemark('prices', 'import')).complaint).toContain('give a file, or --from known');
  const { code, output } = await tidemark('prices', 'import', '--from', 'known', '--reprice', '3');
  expect(code).toBe(0);
  expect(output).toMatch(/openai \/ gpt-4o +2025-07-04 00:00 UTC +- +2\.5 +10 +1\.25/);
  expect(output).toContain('Nothing to price');
  expect(await count()).toBeGreaterThan(10);
});
