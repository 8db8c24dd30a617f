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
    const { rows } = await database.pool.query('select action, actor_via from analytics.audit_log');
    expect(rows).toEqual(Array(2).fill({ action: 'price.put', actor_via: 'command_line' }));
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
    expect(dry).toMatchObject({ code: 0, output: expect.stringMatching(/prices added +1\n/) });
    expect(dry.output).toMatch(/skipped +painter .*image_generation/);
    expect(dry.output).toContain('Nothing was written');
    const stored = () =>
      database.pool.query(
        `select provider, model, rates->'usdPerMillionInputTokens' as input from analytics.model_prices`,
      );
    expect((await stored()).rows).toEqual([]);
    await tidemark('prices', 'import', path, '--from', 'litellm');
    expect((await stored()).rows).toEqual([{ provider: 'acme', model: 'swift-1', input: 1.1 }]);
    const again = await tidemark('prices', 'import', path, '--from', 'litellm');
    expect(again.output).toMatch(/unchanged +1\n/);
  });

  test('refuses a file that is no such list', async () => {
    const path = await fileWith('{"models": 1}');
    const { code, complaint } = await tidemark('prices', 'import', path, '--from', 'genai-prices');
    expect({ code, complaint }).toMatchObject({ code: 1, complaint: expect.any(String) });
    expect((await tidemark('prices', 'import', path, '--from', 'else')).code).not.toBe(0);
  });
});
