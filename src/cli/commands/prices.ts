import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type PriceList, priceLists } from '../../prices/import/checked-prices.ts';
import { type Price, type StoredPrice, scopeName } from '../../prices/price.ts';
import type { PriceChange } from '../../prices/price-change.ts';
import { readPriceFile, writePriceFile } from '../../prices/price-file.ts';
import { createPriceTable, planChanges } from '../../prices/price-table.ts';
import { MOST_DAYS } from '../../queries/models/unpriced.ts';
import { wholeNumber } from '../../setting.ts';
import { systemClock } from '../../time.ts';
import { importModelPrices } from '../import-model-prices.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { commandLineCaller } from '../operator.ts';
import { readAs } from '../read-as.ts';
import { formatExactMoment } from '../read-moment.ts';
import { type Column, formatTable } from '../table.ts';
import { listUnpriced } from '../unpriced-models.ts';

const readDays = readAs(wholeNumber(0, MOST_DAYS));
const readLimit = readAs(wholeNumber(1, 10_000));

function readId(text: string): number {
  const id = Number(text);
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new InvalidArgumentError('Give the id of a price from `tidemark prices list`.');
}

/** `tidemark prices`: manages the prices of ML jobs whose events have no cost. Each change is audited. */
export function pricesCommand(): Command {
  return new Command('prices')
    .description('manage the prices of events that have no cost')
    .addCommand(
      new Command('list')
        .description('list all prices, by provider, pipeline, operation and start')
        .action(() => onDatabase('prices', list)),
    )
    .addCommand(
      new Command('import')
        .description('add the prices of a YAML file, all or none; other prices stay')
        .argument('<file>', 'YAML file in the form of `tidemark prices export`, or the list of --from')
        .addOption(
          new Option('--from <list>', 'the file is a list of model prices of this project').choices(
            priceLists,
          ),
        )
        .option('--dry-run', 'show the changes without writing them', false)
        .action((file: string, { dryRun, from }: { dryRun: boolean; from?: PriceList }) =>
          onDatabase('prices', (context) =>
            from === undefined
              ? importPrices(file, dryRun, context)
              : importModelPrices(file, { list: from, dryRun }, context),
          ),
        )
        .addHelpText(
          'after',
          '\nCalls and jobs that are counted already keep their cost; `tidemark reprice` changes it.',
        ),
    )
    .addCommand(
      new Command('unpriced')
        .description('list the models whose calls have no known cost, those with the most calls first')
        .option('--org <id>', 'only this org; all orgs together by default')
        .option('--days <days>', 'days before today that are counted beside today', readDays, 30)
        .option('--limit <models>', 'the most models that are listed', readLimit, 50)
        .action((options: { org?: string; days: number; limit: number }) =>
          onDatabase('prices', (context) => listUnpriced(options, context)),
        ),
    )
    .addCommand(
      new Command('export')
        .description('write all prices as YAML to standard output')
        .action(() => onDatabase('prices', exportPrices)),
    )
    .addCommand(
      new Command('remove')
        .description('remove a price')
        .argument('<id>', 'id from `tidemark prices list`', readId)
        .action((id: number) => onDatabase('prices', (context) => remove(id, context))),
    );
}

function tableOf({ pool }: CommandContext) {
  return createPriceTable({ database: pool, clock: systemClock });
}

const PRICE_COLUMNS: Column[] = [
  { title: 'for' },
  { title: 'from' },
  { title: 'to' },
  { title: 'job', align: 'right' },
  { title: 'second', align: 'right' },
  { title: 'million tokens in', align: 'right' },
  { title: 'million tokens out', align: 'right' },
];

function cellsOf(price: Price): string[] {
  return [
    scopeName(price),
    formatExactMoment(new Date(price.effectiveFrom)),
    price.effectiveTo === null ? '-' : formatExactMoment(new Date(price.effectiveTo)),
    ...[
      price.centsPerJob,
      price.centsPerSecond,
      price.centsPerMillionInputTokens,
      price.centsPerMillionOutputTokens,
    ].map((cents) => (cents === null ? '-' : String(cents))),
  ];
}

function print(text: string): void {
  void process.stdout.write(`\n${text}\n`);
}

async function list(context: CommandContext): Promise<void> {
  const prices = await tableOf(context).list();
  if (prices.length === 0) return print('  There are no prices.\n');
  const rows = prices.map((price: StoredPrice) => [String(price.id), ...cellsOf(price)]);
  print(
    `${formatTable([{ title: 'id', align: 'right' }, ...PRICE_COLUMNS], rows)}\n  Prices are in cents.\n`,
  );
}

async function importPrices(file: string, dryRun: boolean, context: CommandContext): Promise<void> {
  const prices = readPriceFile(await readFile(file, 'utf8'));
  const table = tableOf(context);
  const done = dryRun
    ? planChanges(await table.list(), prices)
    : await table.put(prices, commandLineCaller('tidemark prices import'));
  const rows = done.map(({ change, price }) => [change, ...cellsOf(price)]);
  const count = (which: PriceChange) => done.filter(({ change }) => change === which).length;
  const counts = (['added', 'changed', 'unchanged'] as const).map((which) => `${count(which)} ${which}`);
  print(
    `${formatTable([{ title: '' }, ...PRICE_COLUMNS], rows)}\n  ${counts.join(', ')}${
      dryRun ? '; nothing was written (--dry-run)' : ''
    }.\n`,
  );
}

async function exportPrices(context: CommandContext): Promise<void> {
  process.stdout.write(writePriceFile(await tableOf(context).list()));
}

async function remove(id: number, context: CommandContext): Promise<void> {
  const price = await tableOf(context).remove(id, commandLineCaller('tidemark prices remove'));
  print(`  The price ${id} for ${scopeName(price)} was removed.\n`);
}
