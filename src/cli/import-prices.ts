import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { createAudit } from '../auth/audit.ts';
import { withTransaction } from '../database/pool.ts';
import { type PriceList, readPriceList } from '../prices/import/checked-prices.ts';
import type { NotImported } from '../prices/import/model-price.ts';
import { knownModelPrices } from '../prices/models/known-models.ts';
import { listModelAliases, planAliases, putModelAliases } from '../prices/models/model-alias-table.ts';
import { listModelPrices, planModelChanges, putModelPrices } from '../prices/models/model-price-table.ts';
import type { PriceChange } from '../prices/price-change.ts';
import { type PriceFile, readPriceFile } from '../prices/price-file.ts';
import { listPrices, planChanges, putPrices } from '../prices/price-table.ts';
import { systemClock } from '../time.ts';
import type { CommandContext } from './on-database.ts';
import { commandLineCaller } from './operator.ts';
import { aliasTable, type EntryTable, jobPriceTable, modelPriceTable } from './price-tables.ts';
import { formatPairs, formatTable } from './table.ts';

/** Entries of a kind that are shown one by one. A list has models that nobody here calls, so most do not matter. */
const MOST_SHOWN = 20;

/** What of a file or list is put into the tables, and what of it is left out. */
interface Imported extends PriceFile {
  /** For people and the audit log. */
  name: string;
  skipped: NotImported[];
  partial: NotImported[];
}

export type ImportSource =
  | { file: string; from?: PriceList | undefined }
  | { file: undefined; from: 'known' };

/** Reads what is to be imported. @throws {CodedError} `invalid_request` with the path of every fault */
async function readSource(source: ImportSource): Promise<Imported> {
  const nothing = { prices: [], modelPrices: [], modelAliases: [], skipped: [], partial: [] };
  if (source.file === undefined)
    return { ...nothing, name: 'the known models', modelPrices: knownModelPrices() };
  const text = await readFile(source.file, 'utf8');
  const name = basename(source.file);
  if (source.from === undefined) return { ...nothing, name, ...readPriceFile(text) };
  const { prices, skipped, partial } = readPriceList(source.from, text, systemClock.now());
  return { ...nothing, name: `${name}, a list of ${source.from}`, modelPrices: prices, skipped, partial };
}

type Change<P> = { change: PriceChange; price: P };

interface Changes {
  jobs: Change<PriceFile['prices'][number]>[];
  models: Change<PriceFile['modelPrices'][number]>[];
  aliases: Change<PriceFile['modelAliases'][number]>[];
}

/** Imports prices and aliases, all or none, as one entry of the audit log. Shows what changes, and what is left out. */
export async function importPrices(
  source: ImportSource,
  dryRun: boolean,
  context: CommandContext,
): Promise<void> {
  const imported = await readSource(source);
  const changes = dryRun ? await planned(imported, context) : await put(imported, context);
  showChanges(changes);
  showLeft(imported);
  const counts = countsOf([...changes.jobs, ...changes.models, ...changes.aliases]);
  const summary = Object.entries(counts).map(([change, count]) => `${count} ${change}`);
  process.stdout.write(`  ${summary.join(', ')}${dryRun ? '; nothing was written (--dry-run)' : ''}.\n\n`);
}

async function planned(imported: PriceFile, { pool }: Pick<CommandContext, 'pool'>): Promise<Changes> {
  return {
    jobs: planChanges(await listPrices(pool), imported.prices),
    models: planModelChanges(await listModelPrices(pool), imported.modelPrices),
    aliases: planAliases(await listModelAliases(pool), imported.modelAliases),
  };
}

function put(imported: Imported, { pool }: CommandContext): Promise<Changes> {
  const caller = commandLineCaller('tidemark prices import');
  const options = { clock: systemClock, caller };
  return withTransaction(pool, async (client) => {
    const done = {
      jobs: await putPrices(client, imported.prices, options),
      models: await putModelPrices(client, imported.modelPrices, options),
      aliases: await putModelAliases(client, imported.modelAliases, options),
    };
    const counts = {
      prices: countsOf(done.jobs),
      modelPrices: countsOf(done.models),
      modelAliases: countsOf(done.aliases),
    };
    const isChanged = Object.values(counts).some(({ added, changed }) => added + changed > 0);
    if (isChanged)
      await createAudit(
        client,
        systemClock,
      )({
        ...{ ...caller, action: 'prices.import', subject: imported.name, after: counts },
      });
    return done;
  });
}

function countsOf(changes: readonly { change: PriceChange }[]): Record<PriceChange, number> {
  const count = (which: PriceChange) => changes.filter(({ change }) => change === which).length;
  return { added: count('added'), changed: count('changed'), unchanged: count('unchanged') };
}

function showChanges({ jobs, models, aliases }: Changes): void {
  if (jobs.length > 0) print(tableOf(jobs, jobPriceTable));
  showNews(models, modelPriceTable);
  showNews(aliases, aliasTable);
}

/** Of a list of thousands, only what changes. */
function showNews<P>(changes: readonly Change<P>[], table: EntryTable<P>): void {
  const news = changes.filter(({ change }) => change !== 'unchanged');
  if (news.length > 0) print(tableOf(news.slice(0, MOST_SHOWN), table));
  if (news.length > MOST_SHOWN) process.stdout.write(`  and ${news.length - MOST_SHOWN} more.\n`);
}

function tableOf<P>(changes: readonly Change<P>[], { columns, cells }: EntryTable<P>): string {
  return formatTable(
    [{ title: '' }, ...columns],
    changes.map(({ change, price }) => [change, ...cells(price)]),
  );
}

function showLeft({ skipped, partial }: Imported): void {
  const left = [
    ...skipped.map((model) => ({ ...model, what: 'skipped' })),
    ...partial.map((model) => ({ ...model, what: 'in part' })),
  ];
  if (left.length === 0) return;
  print(
    formatPairs([
      ['models skipped', skipped.length],
      ['models in part', partial.length],
    ]),
  );
  const shown = left.slice(0, MOST_SHOWN).map(({ what, name, reason }) => [what, name, reason]);
  process.stdout.write(`${formatTable([{ title: '' }, { title: 'model' }, { title: 'reason' }], shown)}\n`);
  if (left.length > MOST_SHOWN) process.stdout.write(`  and ${left.length - MOST_SHOWN} more.\n\n`);
}

function print(text: string): void {
  process.stdout.write(`\n${text}\n`);
}
