import { createAudit } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { type Database, withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import { type PriceChange, type PutOptions, planPuts } from '../price-change.ts';
import { aliasName, type ModelAlias, type StoredModelAlias } from './model-alias.ts';

/** The most aliases. A provider needs few, and every process keeps them all. */
const MOST_ALIASES = 1_000;

interface AliasRow {
  alias_id: number;
  provider: string;
  model: string | null;
  as_provider: string;
  as_model: string | null;
  changed_at: Date;
  changed_by: string;
}

const COLUMNS = 'alias_id, provider, model, as_provider, as_model, changed_at, changed_by';

function aliasOf(row: AliasRow): StoredModelAlias {
  return {
    id: row.alias_id,
    provider: row.provider,
    model: row.model,
    asProvider: row.as_provider,
    asModel: row.as_model,
    changedAt: row.changed_at.getTime(),
    changedBy: row.changed_by,
  };
}

/** All aliases, by the names that calls have. */
export async function listModelAliases(database: Database): Promise<StoredModelAlias[]> {
  const { rows } = await database.query<AliasRow>(
    `select ${COLUMNS} from analytics.model_aliases order by provider, model nulls first`,
  );
  return rows.map(aliasOf);
}

export type ModelAliasTable = ReturnType<typeof createModelAliasTable>;

/** The table of aliases. The audit log records each change. */
export function createModelAliasTable({ database, clock }: { database: Database; clock: Clock }) {
  return {
    list: (): Promise<StoredModelAlias[]> => listModelAliases(database),

    /** Adds an alias, or replaces the one of the same names. @throws {CodedError} `invalid_request` beyond the bound */
    put: (alias: ModelAlias, caller: Caller): Promise<StoredModelAlias> =>
      withTransaction(database, async (client) => {
        const audit = createAudit(client, clock);
        const [done] = await putModelAliases(client, [alias], { clock, caller, audit });
        if (!done) throw new Error('an alias was neither put nor refused');
        return done.price;
      }),

    /** Removes an alias and returns it. @throws {CodedError} `not_found` */
    remove: (id: number, caller: Caller): Promise<StoredModelAlias> =>
      withTransaction(database, async (client) => {
        const { rows } = await client.query<AliasRow>(
          `delete from analytics.model_aliases where alias_id = $1 returning ${COLUMNS}`,
          [id],
        );
        if (!rows[0]) throw new CodedError('not_found', 'There is no alias with this id.');
        const { id: _, changedAt: __, changedBy: ___, ...alias } = aliasOf(rows[0]);
        await createAudit(
          client,
          clock,
        )({
          ...{ ...caller, action: 'price_alias.remove', subject: aliasName(alias), before: alias },
        });
        return aliasOf(rows[0]);
      }),
  };
}

function placeOf({ provider, model }: ModelAlias): string {
  return `${provider}\0${model ?? ''}`;
}

function isEqual(a: ModelAlias, b: ModelAlias): boolean {
  return a.asProvider === b.asProvider && a.asModel === b.asModel;
}

/** What each alias would change if it were put into the table. Pure. */
export function planAliases(stored: readonly StoredModelAlias[], aliases: readonly ModelAlias[]) {
  return planPuts<ModelAlias, StoredModelAlias>(stored, aliases, { placeOf, isEqual });
}

/**
 * Puts aliases in a transaction.
 * @param audit records each change; without it the caller records them together
 * @throws {CodedError} `invalid_request` beyond the bound
 */
export async function putModelAliases(
  client: Database,
  aliases: readonly ModelAlias[],
  { clock, caller, audit }: PutOptions,
): Promise<{ change: PriceChange; price: StoredModelAlias }[]> {
  await client.query('lock table analytics.model_aliases in share row exclusive mode');
  const done: { change: PriceChange; price: StoredModelAlias }[] = [];
  for (const { price: alias, before, change } of planAliases(await listModelAliases(client), aliases)) {
    if (before && change === 'unchanged') {
      done.push({ change, price: before });
      continue;
    }
    const { rows } = await client.query<AliasRow>(
      `insert into analytics.model_aliases (provider, model, as_provider, as_model, changed_at, changed_by)
       values ($1, $2, $3, $4, $5, $6)
       on conflict (provider, model) do update set
         as_provider = excluded.as_provider, as_model = excluded.as_model,
         changed_at = excluded.changed_at, changed_by = excluded.changed_by
       returning ${COLUMNS}`,
      [
        ...[alias.provider, alias.model, alias.asProvider, alias.asModel],
        ...[new Date(clock.now()), caller.actor.id],
      ],
    );
    for (const row of rows) done.push({ change, price: aliasOf(row) });
    await audit?.({ ...caller, action: 'price_alias.put', subject: aliasName(alias), after: alias });
  }
  const { rows } = await client.query<{ n: number }>(
    'select count(*)::int as n from analytics.model_aliases',
  );
  if ((rows[0]?.n ?? 0) > MOST_ALIASES) {
    const detail = `There are ${MOST_ALIASES} aliases already, the most that can be kept. Remove one first.`;
    throw new CodedError('invalid_request', detail);
  }
  return done;
}
