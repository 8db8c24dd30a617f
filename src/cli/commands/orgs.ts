import { Command } from 'commander';
import { allowOrg, countOrg, deleteOrg, type RowCounts } from '../../erasure/delete-org.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { readOrgZone, setOrgZone } from '../../notifications/routing/org-zone.ts';
import { readOrgRetention, setOrgRetention } from '../../rollups/upkeep/org-retention.ts';
import { declareLabels, listLabelDimensions } from '../../series/label-dimensions.ts';
import { systemClock } from '../../time.ts';
import { confirm } from '../confirm.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { commandLineCaller } from '../operator.ts';
import { formatExactMoment } from '../read-moment.ts';
import { formatNumber, formatTable } from '../table.ts';

interface DeleteFlags {
  dryRun: boolean;
  yes: boolean;
}

/**
 * `tidemark orgs`: deletes everything of an org, lets a deleted org send again, sets how long raw events of an org are
 * kept, sets its time zone, and declares its labels. Each adds entries to the audit log.
 */
export function orgsCommand(): Command {
  return new Command('orgs')
    .description(
      'delete an org with everything that is stored of it, keep its raw events for fewer days, set its time zone, or declare its labels',
    )
    .addCommand(
      new Command('delete')
        .description('delete an org; the service may run, and a second run goes on where the first stopped')
        .argument('<org>', 'id of the org')
        .option('--dry-run', 'count what would be deleted, and change nothing', false)
        .option('--yes', 'do not ask', false)
        .addHelpText(
          'after',
          '\nKept are: backups, the audit log, and exported files. Events of the org are refused afterwards.',
        )
        .action((org: string, flags: DeleteFlags) =>
          onDatabase('orgs', (context) => runDelete(org, flags, context)),
        ),
    )
    .addCommand(
      new Command('allow')
        .description('let a deleted org send events again, as a new org')
        .argument('<org>', 'id of the org')
        .action((org: string) => onDatabase('orgs', (context) => runAllow(org, context))),
    )
    .addCommand(
      new Command('retention')
        .description('show how long raw events of an org are kept, or keep them for fewer days')
        .argument('<org>', 'id of the org')
        .argument('[days]', 'whole days, at most RAW_RETENTION; "default": as all orgs')
        .addHelpText(
          'after',
          '\nRollups, and all figures from them, stay. RAW_RETENTION must be that of the service.',
        )
        .action((org: string, days: string | undefined) =>
          onDatabase('orgs', (context) => runRetention(org, days, context)),
        ),
    )
    .addCommand(
      new Command('timezone')
        .description('show or set the time zone of the rules and recipients of an org that name none')
        .argument('<org>', 'id of the org; "*": rules over all orgs')
        .argument('[zone]', 'an IANA zone, such as Europe/Berlin; "default": UTC')
        .action((org: string, zone: string | undefined) =>
          onDatabase('orgs', (context) => runTimezone(org, zone, context)),
        ),
    )
    .addCommand(
      new Command('labels')
        .description('list the labels of an org that numbers can be grouped and filtered by')
        .argument('<org>', 'id of the org')
        .option('--declare <keys>', 'the keys from now on, separated by commas; "" for none')
        .addHelpText('after', '\nThe numbers of a label that is no longer declared stay.')
        .action((org: string, flags: { declare?: string }) =>
          onDatabase('orgs', (context) => runLabels(org, flags.declare, context)),
        ),
    );
}

async function runTimezone(orgId: string, zone: string | undefined, { pool }: CommandContext): Promise<void> {
  if (zone !== undefined)
    await setOrgZone(
      { orgId, timezone: zone === 'default' ? null : zone },
      { pool, clock: systemClock, field: 'zone', caller: commandLineCaller('tidemark orgs timezone') },
    );
  const set = await readOrgZone(pool, orgId);
  const whose = orgId === ALL_ORGS ? 'rules over all orgs' : orgId;
  process.stdout.write(`\n  The time zone of ${whose} is ${set ?? 'UTC, since none is set'}.\n\n`);
}

async function runLabels(org: string, declare: string | undefined, { pool }: CommandContext): Promise<void> {
  const keys = declare?.split(',').flatMap((key) => (key.trim() === '' ? [] : [key.trim()]));
  const labels =
    keys === undefined
      ? await listLabelDimensions(pool, org)
      : await declareLabels(
          { database: pool, clock: systemClock },
          { orgId: org, keys, caller: commandLineCaller('tidemark orgs labels') },
        );
  if (labels.length === 0) {
    process.stdout.write(`\n  The org ${org} has declared no labels.\n\n`);
    return;
  }
  const moment = (at: Date | null) => (at === null ? '-' : formatExactMoment(at));
  const rows = labels.map(({ key, declaredAt, endedAt }) => [key, moment(declaredAt), moment(endedAt)]);
  process.stdout.write(
    `\n${formatTable([{ title: 'label' }, { title: 'since' }, { title: 'until' }], rows)}\n`,
  );
}

async function runDelete(org: string, { dryRun, yes }: DeleteFlags, { pool }: CommandContext): Promise<void> {
  const counts = await countOrg(pool, org);
  process.stdout.write(`\n${tableOf(counts, dryRun ? 'would be deleted' : 'to delete')}\n`);
  if (dryRun) return;
  await confirm(`All of the org ${org} will be deleted, for good.`, { word: org, yes });
  const removed = await deleteOrg(org, {
    pool,
    clock: systemClock,
    caller: commandLineCaller('tidemark orgs delete'),
    onStep: (what) => process.stderr.isTTY && process.stderr.write(`\r\u001b[K  ${what}`),
  });
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  process.stdout.write(
    `${tableOf(removed, 'deleted')}\n  The org ${org} is deleted. Its events are refused.\n\n`,
  );
}

function tableOf(counts: RowCounts, title: string): string {
  const rows = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (rows.length === 0) return '  Nothing is stored of this org.\n';
  return formatTable(
    [{ title: 'table' }, { title, align: 'right' }],
    rows.map(([name, count]) => [name, formatNumber(count)]),
  );
}

async function runAllow(org: string, { pool }: CommandContext): Promise<void> {
  await allowOrg(org, { pool, clock: systemClock, caller: commandLineCaller('tidemark orgs allow') });
  process.stdout.write(`\n  Events of ${org} are taken in again.\n\n`);
}

async function runRetention(
  orgId: string,
  days: string | undefined,
  { pool, config: { rawRetention } }: CommandContext,
): Promise<void> {
  if (days !== undefined)
    await setOrgRetention(
      { orgId, rawRetention, ownDays: days === 'default' ? null : Number(days) },
      {
        ...{ pool, clock: systemClock, field: 'days' },
        caller: commandLineCaller('tidemark orgs retention'),
      },
    );
  const kept = await readOrgRetention(pool, { orgId, rawRetention });
  const whose = kept.ownDays === null ? 'as those of all orgs' : `its own setting is ${kept.ownDays}`;
  process.stdout.write(
    `\n  Raw events of ${orgId} are kept for ${kept.days === 1 ? '1 day' : `${kept.days} days`}, ${whose}.\n`,
  );
  process.stdout.write(
    kept.keptFrom === null
      ? '  None have been removed so far.\n\n'
      : `  Those before ${formatExactMoment(kept.keptFrom)} have been removed.\n\n`,
  );
}
