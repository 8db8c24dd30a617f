import { readFile } from 'node:fs/promises';
import { type PriceList, readPriceList } from '../prices/import/checked-prices.ts';
import { createModelPriceTable, planModelChanges } from '../prices/models/model-price-table.ts';
import type { PriceChange } from '../prices/price-change.ts';
import { systemClock } from '../time.ts';
import type { CommandContext } from './on-database.ts';
import { commandLineCaller } from './operator.ts';
import { formatPairs, formatTable } from './table.ts';

/** Reasons that are shown one by one. A list has models that nobody here calls, so most do not matter. */
const MOST_REASONS = 20;

interface ImportOptions {
  list: PriceList;
  dryRun: boolean;
}

/** Imports the prices of models from a list of another project, all or none. Says what it left out, and why. */
export async function importModelPrices(
  file: string,
  { list, dryRun }: ImportOptions,
  { pool }: CommandContext,
): Promise<void> {
  const { prices, skipped, partial } = readPriceList(list, await readFile(file, 'utf8'), systemClock.now());
  const table = createModelPriceTable({ database: pool, clock: systemClock });
  const done = dryRun
    ? planModelChanges(await table.list(), prices)
    : await table.put(prices, commandLineCaller(`tidemark prices import --from ${list}`));
  const count = (which: PriceChange) => done.filter(({ change }) => change === which).length;
  const left = [
    ...skipped.map((model) => ({ ...model, what: 'skipped' })),
    ...partial.map((model) => ({ ...model, what: 'in part' })),
  ];
  const shown = left.slice(0, MOST_REASONS).map(({ what, name, reason }) => [what, name, reason]);
  process.stdout.write(
    `\n${formatPairs([
      ['prices added', count('added')],
      ['changed', count('changed')],
      ['unchanged', count('unchanged')],
      ['models skipped', skipped.length],
      ['models in part', partial.length],
    ])}\n`,
  );
  if (shown.length > 0)
    process.stdout.write(`${formatTable([{ title: '' }, { title: 'model' }, { title: 'reason' }], shown)}\n`);
  if (left.length > MOST_REASONS) process.stdout.write(`  and ${left.length - MOST_REASONS} more.\n\n`);
  if (dryRun) process.stdout.write('  Nothing was written (--dry-run).\n\n');
}
