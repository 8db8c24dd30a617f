import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { liteLlmEvent } from '../../../src/formats/litellm.ts';
import type { ImportFormat } from '../../../src/ingestion/files/rows.ts';
import { ImportTally } from '../../../src/ingestion/files/tally.ts';
import { useImports } from '../../support/events/imports.ts';

const { importText, refused, stored, ingestion, pool } = useImports();

function log(name: string): Promise<Buffer> {
  return readFile(new URL(`./logs/${name}`, import.meta.url));
}

const mapping = { map: new Map<string, string>(), set: new Map([['orgId', 'acme']]) };

async function importLog(name: string, format: ImportFormat, content?: Buffer) {
  const tally = new ImportTally();
  const counts = await importText(name, content ?? (await log(name)), { format, mapping, tally });
  return { ...counts, skipped: tally.skipped };
}

const twice = [
  ['bedrock.ndjson', 'bedrock', { received: 4, stored: 3, rejected: 1, skipped: 1 }],
  ['litellm.jsonl', 'litellm', { received: 3, stored: 3, rejected: 0, skipped: 1 }],
  ['portkey.jsonl', 'portkey', { received: 5, stored: 4, rejected: 1, skipped: 1 }],
  ['helicone.jsonl', 'helicone', { received: 4, stored: 3, rejected: 1, skipped: 2 }],
  ['helicone.csv', 'helicone', { received: 2, stored: 2, rejected: 0, skipped: 0 }],
  ['openrouter.csv', 'openrouter', { received: 3, stored: 2, rejected: 1, skipped: 0 }],
  ['openrouter.jsonl', 'openrouter', { received: 1, stored: 1, rejected: 0, skipped: 1 }],
] as const;

test.each(twice)(
  '%s counts once, also when it comes again as gzip in two members',
  async (name, format, counts) => {
    const none = { duplicates: 0, conflicts: 0 };
    expect(await importLog(name, format)).toEqual({ ...none, ...counts });
    const content = await log(name);
    const middle = content.indexOf('\n', content.length / 2) + 1;
    const zipped = Buffer.concat([gzipSync(content.subarray(0, middle)), gzipSync(content.subarray(middle))]);
    const again = { ...none, ...counts, stored: 0, duplicates: counts.stored };
    expect(await importLog(`again-${name}`, format, zipped)).toEqual(again);
  },
);

const facts = `model_id, provider, client_id, status, error_code, input_tokens, cached_input_tokens, cache_write_tokens,
  output_tokens, cost, value / 1000, time_to_first_token / 1000, labels`;

test('Bedrock counts caches outside the input, and an ARN names its model', async () => {
  await importLog('bedrock.ndjson', 'bedrock');
  const sonnet = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
  const throttled = ['throttled', 'ThrottlingException', null, null, null, null, 0, null, null, null];
  expect(await stored(facts)).toEqual([
    [
      sonnet,
      'bedrock',
      'search-prod',
      'success',
      null,
      4800,
      4000,
      0,
      150,
      null,
      2140,
      null,
      { team: 'search' },
    ],
    [sonnet, 'bedrock', 'search-prod', ...throttled],
    [
      'eu.amazon.nova-pro-v1:0',
      'bedrock',
      'batch',
      'success',
      null,
      20,
      null,
      null,
      30,
      null,
      900,
      120,
      null,
    ],
  ]);
});

test('Portkey says cents, answers from its cache cost nothing, and a row without an id counts too', async () => {
  await importLog('portkey.jsonl', 'portkey');
  const cached = ['success', null, 0, null, null, 0, 0, 4, null, null];
  expect(await stored(facts)).toEqual([
    [
      'gpt-4o',
      'openai',
      'search-openai',
      'success',
      null,
      1000,
      400,
      null,
      200,
      4_500_000,
      1830,
      null,
      { _user: undefined, team: 'search' },
    ],
    ['gpt-4o', 'openai', null, 'throttled', '429', null, null, null, null, 0, 120, null, null],
    ['gpt-4o', 'openai', null, ...cached],
    [
      'claude-sonnet-4-5',
      'anthropic',
      null,
      'success',
      null,
      300,
      null,
      null,
      40,
      1_500_000,
      700,
      null,
      null,
    ],
  ]);
});

test('Helicone keeps caches apart, and a call that is in its JSON and its CSV counts once', async () => {
  await importLog('helicone.jsonl', 'helicone');
  expect(await importLog('helicone.csv', 'helicone')).toMatchObject({ stored: 1, conflicts: 1 });
  const mini = ['gpt-4o-mini', 'openai', null];
  expect(await stored(facts)).toEqual([
    [
      'claude-sonnet-4-5',
      'anthropic',
      'shop',
      'success',
      null,
      4600,
      4000,
      500,
      150,
      5_610_000,
      1400,
      310,
      { environment: 'prod' },
    ],
    [...mini, 'error', '503', null, null, null, null, 0, 90, null, null],
    [...mini, 'success', null, 0, null, null, 0, 0, 3, null, null],
    ['gpt-4o-mini', null, null, 'success', null, 40, null, null, 7, 10_200, null, null, null],
  ]);
});

test('OpenRouter adds what the provider charges for a key of your own', async () => {
  await importLog('openrouter.csv', 'openrouter');
  await importLog('openrouter.jsonl', 'openrouter');
  const labels = { apiKey: 'team-search' };
  const sonnet = ['anthropic/claude-sonnet-4.5', 'anthropic', 'Chat App'];
  const scout = ['meta-llama/llama-4-scout-17b-16e-instruct', 'groq', null];
  expect(await stored(facts)).toEqual([
    [...sonnet, 'success', null, 900, 300, null, 80, 1_250_000, 1480, 410, labels],
    ['openai/gpt-4o', 'openai', null, 'error', 'error', 50, 0, null, 10, 2_050_000, 300, null, labels],
    [...scout, 'success', null, 64, 0, null, 98, 40_400, 940, 216, null],
  ]);
});

test('a wrong row is told with its line and its fields, and loses nothing else', async () => {
  for (const [name, format] of twice) await importLog(name, format);
  expect(refused.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
    '5: input.inputTokenCount must be a whole number of 0 or more, and is -5; output.outputTokenCount must be a whole number of 0 or more, and is "many"',
    '6: cost_currency must be USD, and is "EUR"; created_at must be a time such as 2026-01-31T12:00:00Z, and is "yesterday"; req_units must be a whole number of 0 or more, and is 1.5',
    '6: response_status must be a number, and is "bad"; completion_tokens must be a whole number of 0 or more, and is -1',
    expect.stringContaining('2: this eventId was already used'),
    '4: cost_total must be an amount of 0 or more, and is "oops"',
  ]);
});

test('neither the database nor a refusal has a prompt or an answer', async () => {
  for (const [name, format] of twice) await importLog(name, format);
  const { rows } = await pool().query('select e::text as event from analytics.events e');
  expect(rows.length).toBeGreaterThan(10);
  expect(JSON.stringify([rows, refused])).not.toMatch(/SECRET/);
});

test('a row of LiteLLM is the call that its callback sends', async () => {
  await importLog('litellm.jsonl', 'litellm');
  const [first] = (await log('litellm.jsonl')).toString().split('\n');
  const event = liteLlmEvent(JSON.parse(String(first)), 'acme');
  const sent = { source: 'http' as const, correlationId: 'c', mayIngestFor: () => true };
  expect(await ingestion.ingest.submit({ ...sent, events: [event] })).toMatchObject({
    stored: 0,
    duplicates: 1,
  });
});

test('the command line says what a format needs, and a file that is cut off keeps its rows', async () => {
  const content = await log('portkey.jsonl');
  const options = { format: 'portkey' as const };
  const without = { map: new Map(), set: new Map() };
  await expect(importText('a.jsonl', content, { ...options, mapping: without })).rejects.toThrow(
    '--format portkey needs --set orgId=ORG, because the file does not say whose calls they are',
  );
  const mapped = { map: new Map([['modelId', 'ai_model']]), set: mapping.set };
  await expect(importText('a.jsonl', content, { ...options, mapping: mapped })).rejects.toThrow(
    'takes no --map',
  );
  const cut = gzipSync(content).subarray(0, -60);
  const tally = new ImportTally();
  await expect(importText('a.jsonl.gz', cut, { ...options, mapping, tally })).rejects.toThrow(
    'the file is not whole gzip (unexpected end of file)',
  );
});
