import { Command, InvalidArgumentError, Option } from 'commander';
import { CodedError } from '../../errors.ts';
import { type PriceList, priceLists } from '../../prices/import/checked-prices.ts';
import { KNOWN_AS_OF } from '../../prices/models/known-models.ts';
import { aliasName, readModelAlias } from '../../prices/models/model-alias.ts';
import { createModelAliasTable, listModelAliases } from '../../prices/models/model-alias-table.ts';
import { modelScopeName } from '../../prices/models/model-price.ts';
import { createModelPriceTable, listModelPrices } from '../../prices/models/model-price-table.ts';
import { scopeName } from '../../prices/price.ts';
import { writePriceFile } from '../../prices/price-file.ts';
import { createPriceTable, listPrices } from '../../prices/price-table.ts';
import { MOST_DAYS } from '../../queries/models/unpriced.ts';
import { reprice } from '../../rollups/remake/reprice.ts';
import { wholeNumber } from '../../setting.ts';
import { DAY, systemClock } from '../../time.ts';
import { importPrices } from '../import-prices.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { commandLineCaller } from '../operator.ts';
import { showDifferences } from '../price-differences.ts';
import { aliasTable, type EntryTable, jobPriceTable, modelPriceTable } from '../price-tables.ts';
import { readAs } from '../read-as.ts';
import { formatTable } from '../table.ts';
import { listUnpriced } from '../unpriced-models.ts';

const readDays = readAs(wholeNumber(0, MOST_DAYS));
const readRepricedDays = readAs(wholeNumber(1, MOST_DAYS));
const readLimit = readAs(wholeNumber(1, 10_000));
/** The prices that ship with Tidemark. */
const KNOWN = 'known';

function readId(text: string): number {
  const id = Number(text);
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new InvalidArgumentError('Give the id of a price from `tidemark prices list`.');
}

/** `tidemark prices`: manages the prices of calls and jobs whose events have no cost. Each change is audited. */
export function pricesCommand(): Command {
  return new Command('prices')
    .description('manage the prices of events that have no cost')
    .addCommand(
      new Command('list')
        .description('list the prices of jobs and of model calls, and the aliases of models')
        .action(() => onDatabase('prices', list)),
    )
    .addCommand(importCommand())
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
        .description('write all prices and aliases to standard output, as a file that import reads')
        .option('--json', 'JSON in place of YAML', false)
        .action(({ json }: { json: boolean }) =>
          onDatabase('prices', (context) => exportPrices(json ? 'json' : 'yaml', context)),
        ),
    )
    .addCommand(
      new Command('alias')
        .description('price the calls of a provider, or of one model of it, as those of another')
        .argument('<provider>', 'as calls name it')
        .argument('<as-provider>', 'whose prices are used')
        .option('--model <name>', 'only this model')
        .option('--as-model <name>', 'the model whose price is used; by default the one of the same name')
        .action((provider: string, asProvider: string, options: { model?: string; asModel?: string }) =>
          onDatabase('prices', (context) => putAlias({ provider, asProvider, ...options }, context)),
        ),
    )
    .addCommand(
      new Command('remove')
        .description('remove a price of jobs, a price of model calls, or an alias')
        .argument('<id>', 'id from `tidemark prices list`', readId)
        .addOption(new Option('--model', 'the id is of a price of model calls').conflicts('alias'))
        .option('--alias', 'the id is of an alias')
        .action((id: number, of: { model?: true; alias?: true }) =>
          onDatabase('prices', (context) => remove(id, of, context)),
        ),
    );
}

interface ImportFlags {
  dryRun: boolean;
  from?: PriceList | typeof KNOWN;
  reprice?: number;
}

function importCommand(): Command {
  return new Command('import')
    .description('add the prices and aliases of a file, all or none; others stay')
    .argument('[file]', 'YAML or JSON in the form of `tidemark prices export`, or the list of --from')
    .addOption(
      new Option(
        '--from <list>',
        `the file is a list of model prices of this project; ${KNOWN}: the prices that ship with Tidemark, as of ${KNOWN_AS_OF}, without a file`,
      ).choices([...priceLists, KNOWN]),
    )
    .addOption(
      new Option('--reprice <days>', 'then give the counted calls and jobs of the last days the new costs')
        .argParser(readRepricedDays)
        .conflicts('dryRun'),
    )
    .option('--dry-run', 'show the changes without writing them')
    .action((file: string | undefined, flags: ImportFlags) =>
      onDatabase('prices', (context) => runImport(file, flags, context)),
    )
    .addHelpText(
      'after',
      '\nCalls and jobs that are counted already keep their cost; --reprice or `tidemark reprice` changes it.',
    );
}

async function runImport(
  file: string | undefined,
  flags: ImportFlags,
  context: CommandContext,
): Promise<void> {
  const { from, dryRun = false, reprice: days } = flags;
  if ((file === undefined) !== (from === KNOWN)) {
    const problem = file === undefined ? 'give a file, or --from known' : '--from known takes no file';
    throw new CodedError('invalid_request', problem);
  }
  await importPrices(
    file === undefined ? { file, from: KNOWN } : { file, from: from as PriceList | undefined },
    dryRun,
    context,
  );
  if (days === undefined) return;
  const now = systemClock.now();
  const differences = await reprice(
    context.pool,
    { from: new Date(now - days * DAY), to: new Date(now), signal: context.stopRequested },
    { caller: commandLineCaller('tidemark prices import'), clock: systemClock },
  );
  process.stdout.write(showDifferences(differences, true));
}

function print(text: string): void {
  void process.stdout.write(`\n${text}\n`);
}

async function list({ pool }: CommandContext): Promise<void> {
  const [jobs, models, aliases] = [
    await listPrices(pool),
    await listModelPrices(pool),
    await listModelAliases(pool),
  ];
  if (jobs.length + models.length + aliases.length === 0) return print('  There are no prices.\n');
  if (jobs.length > 0) print(`${tableOf(jobs, jobPriceTable)}\n  Prices of jobs are in cents.\n`);
  if (models.length > 0) print(`${tableOf(models, modelPriceTable)}\n  Prices of calls are in dollars.\n`);
  if (aliases.length > 0) print(tableOf(aliases, aliasTable));
}

function tableOf<Entry extends { id: number }>(entries: readonly Entry[], table: EntryTable<Entry>): string {
  return formatTable(
    [{ title: 'id', align: 'right' }, ...table.columns],
    entries.map((entry) => [String(entry.id), ...table.cells(entry)]),
  );
}

async function exportPrices(as: 'yaml' | 'json', { pool }: CommandContext): Promise<void> {
  const file = {
    prices: await listPrices(pool),
    modelPrices: await listModelPrices(pool),
    modelAliases: await listModelAliases(pool),
  };
  process.stdout.write(writePriceFile(file, as));
}

async function putAlias(given: object, { pool }: CommandContext): Promise<void> {
  const alias = readModelAlias(given, '$');
  if (Array.isArray(alias))
    throw new CodedError('invalid_request', 'the alias is not valid:', { faults: alias });
  const table = createModelAliasTable({ database: pool, clock: systemClock });
  const put = await table.put(alias, commandLineCaller('tidemark prices alias'));
  print(`  The alias ${put.id} was set: ${aliasName(put)}.\n`);
}

async function remove(
  id: number,
  { model, alias }: { model?: true; alias?: true },
  { pool }: CommandContext,
): Promise<void> {
  const caller = commandLineCaller('tidemark prices remove');
  const options = { database: pool, clock: systemClock };
  if (model) {
    const price = await createModelPriceTable(options).remove(id, caller);
    return print(`  The price ${id} for ${modelScopeName(price)} was removed.\n`);
  }
  if (alias) {
    const removed = await createModelAliasTable(options).remove(id, caller);
    return print(`  The alias ${id}, ${aliasName(removed)}, was removed.\n`);
  }
  const price = await createPriceTable(options).remove(id, caller);
  print(`  The price ${id} for ${scopeName(price)} was removed.\n`);
}
