import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { type Price, type StoredPrice, scopeName } from '../../prices/price.ts';
import { readPriceFile, writePriceFile } from '../../prices/price-file.ts';
import { createPriceTable, type PriceChange, planChanges } from '../../prices/price-table.ts';
import { systemClock } from '../../time.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { atTheCommandLine } from '../operator.ts';
import { formatExactMoment } from '../read-moment.ts';
import { type Column, formatTable } from '../table.ts';

function readId(text: string): number {
  const id = Number(text);
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new InvalidArgumentError('Give the number of a price, as `tidemark prices list` shows it.');
}

/** `tidemark prices`: what ML jobs cost where their events do not say. Each change leaves a line in the audit log. */
export function pricesCommand(): Command {
  return new Command('prices')
    .description('prices of ML jobs, for those that do not say what they cost')
    .addCommand(
      new Command('list')
        .description('all prices, by provider, pipeline and operation, and from when they hold')
        .action(() => onDatabase('prices', list)),
    )
    .addCommand(
      new Command('import')
        .description('put the prices of a YAML file into the table, all or none; what is not in it stays')
        .argument('<file>', 'in the form in which `tidemark prices export` writes it')
        .option('--dry-run', 'only show what would change', false)
        .action((file: string, flags: { dryRun: boolean }) =>
          onDatabase('prices', (context) => importPrices(file, flags.dryRun, context)),
        )
        .addHelpText('after', '\nWhat was counted before stays as it is: see `tidemark reprice`.'),
    )
    .addCommand(
      new Command('export')
        .description('write all prices as YAML to standard output')
        .action(() => onDatabase('prices', exportPrices)),
    )
    .addCommand(
      new Command('remove')
        .description('take a price out of the table')
        .argument('<id>', 'as `tidemark prices list` shows it', readId)
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
    : await table.put(prices, atTheCommandLine('tidemark prices import'));
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
  const price = await tableOf(context).remove(id, atTheCommandLine('tidemark prices remove'));
  print(`  The price ${id}, for ${scopeName(price)}, is no longer in the table.\n`);
}
