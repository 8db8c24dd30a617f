/** What the schema `analytics` of a database consists of, read from the catalogues of PostgreSQL. */
import type { PoolClient } from 'pg';
import { listEventDays } from '../rollups/upkeep/event-days.ts';
import type { StoredGrant, StoredSequence, StoredTable } from './format.ts';

interface CatalogueTable extends StoredTable {
  /** Names of the tables that its foreign keys refer to. */
  refersTo: string[];
}

/** All tables, each after the tables that it refers to. A partition belongs to its table. */
export async function readTables(client: PoolClient): Promise<StoredTable[]> {
  const { rows } = await client.query<CatalogueTable>(
    `select relname as name,
       array(select attname::text from pg_attribute
             where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = ''
             order by attnum) as columns,
       array(select distinct f.relname::text from pg_constraint k join pg_class f on f.oid = k.confrelid
             where k.conrelid = c.oid and k.contype = 'f' and f.oid <> c.oid) as "refersTo"
     from pg_class c
     where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'p') and not relispartition
     order by relname`,
  );
  return inOrderOfReference(rows).map(({ name, columns }) => ({ name, columns }));
}

/** @throws Error when tables refer to each other in a circle */
function inOrderOfReference<T extends { name: string; refersTo: string[] }>(tables: readonly T[]): T[] {
  const waiting = new Map(tables.map((table) => [table.name, table]));
  const ordered: T[] = [];
  while (waiting.size > 0) {
    const next = [...waiting.values()].find(({ refersTo }) => !refersTo.some((name) => waiting.has(name)));
    if (!next) throw new Error(`tables refer to each other: ${[...waiting.keys()].join(', ')}`);
    ordered.push(next);
    waiting.delete(next.name);
  }
  return ordered;
}

/** All sequences, those of identity columns among them. They are as high as any row of the snapshot, or higher. */
export async function readSequences(client: PoolClient): Promise<StoredSequence[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'analytics'::regnamespace and relkind = 'S' order by relname`,
  );
  const sequences: StoredSequence[] = [];
  for (const { name } of rows) {
    const state = await client.query<{ lastValue: string; isCalled: boolean }>(
      `select last_value::text as "lastValue", is_called as "isCalled" from analytics.${client.escapeIdentifier(name)}`,
    );
    if (state.rows[0]) sequences.push({ name, ...state.rows[0] });
  }
  return sequences;
}

/** The privileges of roles other than the owner, such as those of a role that only reads. */
export async function readGrants(client: PoolClient): Promise<StoredGrant[]> {
  const { rows } = await client.query<StoredGrant>(
    `with objects as (
       select 'schema' as kind, nspname::text as object, nspacl as acl, nspowner as owner
       from pg_namespace where nspname = 'analytics'
       union all
       select 'table', relname, relacl, relowner from pg_class
       where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'p') and not relispartition
       union all
       select 'function', oid::regprocedure::text, proacl, proowner from pg_proc
       where pronamespace = 'analytics'::regnamespace
     )
     select kind, object, privilege_type as privilege, rolname as role
     from objects cross join lateral aclexplode(acl) join pg_roles r on r.oid = grantee
     where grantee <> owner order by 1, 2, 3, 4`,
  );
  return rows;
}

/** The UTC days that have raw events or a place for them, as `YYYY-MM-DD`. */
export async function readEventDays(client: PoolClient): Promise<string[]> {
  const days = await listEventDays(client);
  return days.map(({ from }) => from.toISOString().slice(0, 10));
}
