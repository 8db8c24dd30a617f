import type { PoolClient } from 'pg';
import { recordAudits } from '../../auth/audit.ts';
import type { Caller, OrgScope } from '../../auth/caller.ts';
import { type Fault, refuse } from '../../errors.ts';
import { isObject } from '../../events/json-object.ts';
import type { Clock } from '../../time.ts';
import { checkSilence, holdCount, MOST_SILENCES } from './change-silences.ts';
import { timesOf } from './listed-silence.ts';
import { readSilence } from './read-silence.ts';
import type { Silence } from './silence.ts';
import { insertSilence, listSilences, replaceSilence, type StoredSilence } from './stored-silences.ts';

/** A silence of a file, identified by its org and name. */
export interface NamedSilence {
  /** Null: for rules over all orgs. */
  orgId: string | null;
  silence: Silence;
  /** Its place in the file. */
  at: string;
}

/** A change of one silence by an import. */
export interface SilenceChange {
  action: 'create' | 'update' | 'delete' | 'unchanged';
  orgId: string | null;
  name: string;
  id: string | null;
}

/** The named silences as a file has them. */
export function silencesForFile(silences: readonly StoredSilence[]): object[] {
  return silences
    .filter(({ name }) => name !== null)
    .map(({ orgId, name, reason, rules, labels, severities, recurrence, ...silence }) => ({
      ...{ orgId, name, reason, rules, labels, severities },
      ...timesOf({ ...silence, name, reason, rules, labels, severities, recurrence }),
      recurrence,
    }));
}

/**
 * Reads the list `silences` of a file.
 * @param scope the org of silences that name none, and whether the caller may write those of an org
 * @throws {CodedError} `invalid_request` with every fault
 */
export function readSilencesOfFile(
  entries: readonly unknown[],
  { orgId, mayWrite, now }: { orgId: string | null; mayWrite(orgId: string | null): boolean; now: number },
): NamedSilence[] {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  const read = entries.flatMap((entry, index): NamedSilence[] => {
    const at = `$.silences[${index}]`;
    const { orgId: given = orgId, ...fields } = isObject(entry) ? entry : {};
    if ((given !== null && typeof given !== 'string') || !mayWrite(given)) {
      faults.push({ path: `${at}.orgId`, message: 'must be an org whose alerts you may change' });
      return [];
    }
    const silence = readSilence(isObject(entry) ? fields : entry, { now, at });
    if (Array.isArray(silence)) {
      faults.push(...silence);
      return [];
    }
    const key = JSON.stringify([given, silence.name]);
    if (silence.name === null || seen.has(key)) {
      const message =
        silence.name === null ? 'is required in a file' : 'is used twice; the names of an org must differ';
      faults.push({ path: `${at}.name`, message });
    }
    seen.add(key);
    return [{ orgId: given, silence, at }];
  });
  if (faults.length > 0) throw refuse('Nothing was imported', faults.slice(0, 100));
  return read;
}

interface Importing {
  clock: Clock;
  scope: OrgScope;
  caller: Caller;
  /** Whether named silences that are not in the file are removed. */
  prune: boolean;
  dryRun: boolean;
}

/** Makes the named silences of a scope equal to those of a file, in the transaction that imports its rules. */
export async function importSilences(
  client: PoolClient,
  wanted: readonly NamedSilence[],
  importing: Importing,
): Promise<SilenceChange[]> {
  const { clock, scope, caller, prune, dryRun } = importing;
  const now = clock.now();
  const existing = await listSilences(client, { scope, limit: 100 * MOST_SILENCES });
  const byName = new Map(
    existing.filter(({ name }) => name !== null).map((one) => [JSON.stringify([one.orgId, one.name]), one]),
  );
  const changes: SilenceChange[] = [];
  for (const { orgId, silence, at } of wanted) {
    const key = JSON.stringify([orgId, silence.name]);
    const before = byName.get(key);
    byName.delete(key);
    const kept = before && startKept(before, silence);
    const action = !before ? 'create' : kept && isSame(before, kept) ? 'unchanged' : 'update';
    changes.push({ action, orgId, name: silence.name ?? '', id: before?.id ?? null });
    if (dryRun || action === 'unchanged') continue;
    await checkSilence(client, orgId, silence, at);
    if (!before) await holdCount(client, orgId, now);
    const writing = { by: caller.actor.id, now };
    const after = before
      ? await replaceSilence(client, before.id, kept ?? silence, writing)
      : await insertSilence(client, orgId, silence, writing);
    await recordAudits(client, clock, [
      {
        ...caller,
        action: `alert_silence.${before ? 'update' : 'create'}`,
        subject: after.id,
        ...(orgId !== null && { orgId }),
        ...(before && { before }),
        after,
      },
    ]);
  }
  if (!prune) return changes;
  for (const before of byName.values()) {
    const { id, orgId, name } = before;
    changes.push({ action: 'delete', orgId, name: name ?? '', id });
    if (dryRun) continue;
    await client.query('delete from analytics.alert_silences where id = $1', [id]);
    const ofOrg = orgId !== null && { orgId };
    await recordAudits(client, clock, [
      { ...caller, action: 'alert_silence.delete', subject: id, ...ofOrg, before },
    ]);
  }
  return changes;
}

/** A file that names no start leaves the start as it is. */
function startKept(before: Silence, silence: Silence): Silence {
  return silence.recurrence === null && before.startsAt !== null && before.endsAt === silence.endsAt
    ? { ...silence, startsAt: before.startsAt }
    : silence;
}

function isSame(before: Silence, after: Silence): boolean {
  const shown = ({ name, reason, rules, labels, severities, startsAt, endsAt, recurrence }: Silence) =>
    JSON.stringify([
      name,
      reason,
      rules,
      Object.entries(labels).sort(),
      severities,
      startsAt,
      endsAt,
      recurrence && [recurrence.days, recurrence.from, recurrence.to, recurrence.timezone],
    ]);
  return shown(before) === shown(after);
}
