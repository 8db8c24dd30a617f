import type { Queryable } from '../../database/pool.ts';
import type { RecentBatch, RecentRefusal, RecentSkipped } from './entry.ts';
import { readEntries } from './recent-table.ts';

export interface RecentQuery {
  orgId: string;
  /** Only this format. */
  format?: string | undefined;
  /** Only refusals and skipped records of this id; see `hasId`. */
  id?: string | undefined;
  /** The most of each list. */
  limit: number;
}

export interface Recent {
  batches: RecentBatch[];
  refusals: RecentRefusal[];
  skipped: RecentSkipped[];
}

/** What arrived lately for an org, by every process, the newest first. */
export async function readRecent(
  database: Queryable,
  { orgId, format, id, limit }: RecentQuery,
): Promise<Recent> {
  const entries = await readEntries(database, orgId);
  const newest = <T extends { at: string; format: string }>(lists: readonly T[][]): T[] =>
    lists
      // Within an entry the latest is last.
      .flatMap((list) => list.toReversed())
      .filter((item) => format === undefined || item.format === format)
      .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  const ofId = <T extends { id: string | null }>(items: T[]): T[] =>
    (id === undefined ? items : items.filter((item) => hasId(item.id, id))).slice(0, limit);
  return {
    batches: newest(entries.map(({ batches }) => batches)).slice(0, limit),
    refusals: ofId(newest(entries.map(({ refusals }) => refusals))),
    skipped: ofId(newest(entries.map(({ skipped }) => skipped))),
  };
}

/** The id in any case, or a part of it: that of a trace or a span in `TRACE:SPAN`. */
function hasId(id: string | null, wanted: string): boolean {
  if (id === null) return false;
  const [known, asked] = [id.toLowerCase(), wanted.toLowerCase()];
  return known === asked || known.split(':').includes(asked);
}
