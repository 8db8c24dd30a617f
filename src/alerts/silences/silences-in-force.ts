import type { Database } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import type { Severity } from '../../notifications/notice/notice.ts';
import type { Group } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import { occurrenceAt } from './recurrence.ts';
import { matches, type Silence } from './silence.ts';
import { SILENCE_COLUMNS, silenceOf } from './stored-silences.ts';

/** The silence of an alert at a moment. */
export interface Silenced {
  /** Milliseconds. */
  until: number;
  /** Its name, or its reason; null: the rule itself is silenced. */
  silence: string | null;
}

/** Why an alert of a group is told to nobody at a moment (milliseconds); null: it is told. */
export type SilencedAt = (
  alert: { rule: Rule; group: Group; severity: Severity },
  now: number,
) => Silenced | null;

/**
 * Reads the silences that are in force at a moment.
 * @param orgId the org of the rule; null: a rule over all orgs
 * @param ruleUntil until when the rule itself is silenced (milliseconds); null: it is not
 */
export async function readSilencesInForce(
  database: Database,
  { orgId, now, ruleUntil }: { orgId: string | null; now: number; ruleUntil: number | null },
): Promise<SilencedAt> {
  // A window is kept with one occurrence. Whoever reads it after that one finds the next.
  const { rows } = await database.query<Parameters<typeof silenceOf>[0]>(
    `select ${SILENCE_COLUMNS} from analytics.alert_silences
     where coalesce(org_id, '${ALL_ORGS}') = $1 and opens_at <= $2
       and (closes_at > $2 or recurrence is not null and closes_at is not null)`,
    [orgId ?? ALL_ORGS, new Date(now)],
  );
  const silences = rows.map(silenceOf);
  // A rule has many groups at one moment, and the occurrences of windows take time to calculate.
  const moments = new Map<number, InForce[]>();
  return ({ rule, group, severity }, at) => {
    const inForce = moments.get(at) ?? silences.flatMap((silence) => inForceAt(silence, at) ?? []);
    moments.set(at, inForce);
    const alert = { name: rule.name, severity, labels: { ...rule.filters, ...group } };
    const found = inForce
      .filter(({ silence }) => matches(silence, alert))
      .map(({ silence, until }) => ({ until, silence: silence.name ?? silence.reason }));
    const ofRule = silencedByRule(ruleUntil)({ rule, group, severity }, at);
    return [...(ofRule ? [ofRule] : []), ...found].reduce<Silenced | null>(
      (longest, one) => (longest === null || one.until > longest.until ? one : longest),
      null,
    );
  };
}

/** What silences an alert where its org has no silence: its rule, until a moment (milliseconds); null: nothing. */
export function silencedByRule(ruleUntil: number | null): SilencedAt {
  return (_alert, at) => (ruleUntil !== null && at < ruleUntil ? { until: ruleUntil, silence: null } : null);
}

interface InForce {
  silence: Silence;
  until: number;
}

function inForceAt(silence: Silence, at: number): InForce | null {
  const occurrence = occurrenceAt(silence, at);
  return occurrence && occurrence.opensAt <= at ? { silence, until: occurrence.closesAt } : null;
}
