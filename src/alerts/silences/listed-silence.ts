import type { Database } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import type { Severity } from '../../notifications/notice/notice.ts';
import { mayMatch, type Silence } from './silence.ts';
import { type StoredSilence, standOf } from './stored-silences.ts';

/** The most matching rules that an answer names. */
const MOST_NAMED = 50;

/** A silence as lists show it. Times are ISO 8601. */
export interface ListedSilence
  extends Omit<StoredSilence, 'startsAt' | 'endsAt' | 'createdAt' | 'updatedAt'> {
  startsAt: string | null;
  endsAt: string | null;
  createdAt: string;
  updatedAt: string;
  state: 'pending' | 'active' | 'expired';
  /** The occurrence that is under way or comes next; null: it is over. */
  occurrence: { opensAt: string; closesAt: string } | null;
  /** The rules that it can be for, and their number. */
  matchingRules: { id: string; name: string }[];
  matchingRuleCount: number;
}

interface RuleRow {
  id: string;
  org: string;
  name: string;
  severity: Severity;
  filters: Record<string, string> | null;
  group_by: string[] | null;
}

/** Adds to silences their state at a moment and the rules that they match. */
export async function listedSilences(
  database: Database,
  silences: readonly StoredSilence[],
  now: number,
): Promise<ListedSilence[]> {
  const orgs = [...new Set(silences.map(({ orgId }) => orgId ?? ALL_ORGS))];
  const { rows } = await database.query<RuleRow>(
    `select id, coalesce(org_id, '${ALL_ORGS}') as org, name, severity, rule -> 'filters' as filters,
       array(select jsonb_array_elements_text(rule -> 'groupBy')) as group_by
     from analytics.alert_configs where coalesce(org_id, '${ALL_ORGS}') = any($1) order by name`,
    [orgs],
  );
  return silences.map((silence) => {
    const found = rows.filter((row) => row.org === (silence.orgId ?? ALL_ORGS) && isMatched(silence, row));
    const { state, occurrence } = standOf(silence, now);
    return {
      ...silence,
      ...timesOf(silence),
      createdAt: iso(silence.createdAt),
      updatedAt: iso(silence.updatedAt),
      state,
      occurrence: occurrence && { opensAt: iso(occurrence.opensAt), closesAt: iso(occurrence.closesAt) },
      matchingRules: found.slice(0, MOST_NAMED).map(({ id, name }) => ({ id, name })),
      matchingRuleCount: found.length,
    };
  });
}

function isMatched(silence: Silence, { name, severity, filters, group_by }: RuleRow): boolean {
  return mayMatch(silence, { name, severity, filters: filters ?? {}, groupBy: group_by ?? [] });
}

/** The bounds of a silence as ISO 8601. */
export function timesOf({ startsAt, endsAt }: Silence): { startsAt: string | null; endsAt: string | null } {
  return { startsAt: startsAt === null ? null : iso(startsAt), endsAt: endsAt === null ? null : iso(endsAt) };
}

function iso(millis: number): string {
  return new Date(millis).toISOString();
}
