/** The limits in SECURITY.md are those of the code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { limitsOf, quotaNames } from '../../src/quotas/quota.ts';
import { type Setting, settings } from '../../src/settings.ts';
import { root } from './documents.ts';

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function cellsOf(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

test('each setting has the default that SECURITY.md gives', () => {
  const rows = read('SECURITY.md')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map(cellsOf)
    .filter(([, , setting]) => setting?.startsWith('`'));
  expect(rows.length).toBeGreaterThan(8);
  const defaults = new Map(
    Object.values<Setting<unknown>>(settings).map(({ env, default: value }) => [`\`${env}\``, value]),
  );
  for (const [, , setting, value] of rows)
    expect([setting, value]).toEqual([setting, defaults.get(setting ?? '')]);
});

test('each quota has a row in the list of quotas, with its setting', () => {
  const quotas = read('docs/operating.md');
  for (const name of quotaNames) {
    const env = `QUOTA_${name.toUpperCase()}`;
    const row = quotas.split('\n').find((line) => line.startsWith('| `') && line.includes(`\`${name}\``));
    expect(row, name).toContain(`\`${env}\``);
  }
});

test('the numbers of each quota are its defaults', () => {
  const limits = limitsOf(loadConfig({}));
  const quotas = read('docs/operating.md').split('\n');
  const words = { events_per_day: '500 million', stored_bytes: '1 TB' } as Record<string, string>;
  for (const name of quotaNames) {
    const row = quotas.find((line) => line.startsWith('| `') && line.includes(`\`${name}\``)) ?? '';
    expect(cellsOf(row)[2], name).toContain(words[name] ?? limits[name].toLocaleString('en'));
  }
});
