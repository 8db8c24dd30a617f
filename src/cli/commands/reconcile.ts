import { Command } from 'commander';
import { CodedError } from '../../errors.ts';
import type { Drift } from '../../rollups/reconcile/drift.ts';
import type { Reconciliation } from '../../rollups/reconcile/reconcile.ts';
import { reconcileRecorded } from '../../rollups/reconcile/recorded.ts';
import { systemClock } from '../../time.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { formatMoment, readMoment } from '../read-moment.ts';
import { formatPairs, formatTable } from '../table.ts';

interface Flags {
  from?: Date;
  to?: Date;
}

/** Exit code if rollups and raw events differ. */
const DRIFTED = 1;

/**
 * `tidemark reconcile`: compares rollups with raw events, for every hour, day and week. Of days whose raw events were
 * removed, it compares each org's rollups with the book.
 */
export function reconcileCommand(): Command {
  return new Command('reconcile')
    .description('compare rollups with raw events, or with the books of removed days, by org and type')
    .option('--from <time>', 'start of the range (default: the oldest raw events)', readMoment)
    .option('--to <time>', 'end of the range, exclusive', readMoment)
    .addHelpText('after', '\nExit codes: 0 if they agree, 1 if they differ.')
    .action((flags: Flags) => onDatabase('reconcile', (context) => runReconcile(flags, context)));
}

async function runReconcile(range: Flags, { pool }: CommandContext): Promise<void> {
  if (range.from && range.to && range.from >= range.to)
    throw new CodedError('invalid_request', 'the range is empty: --from must be before --to');
  const result = await reconcileRecorded({ pool, clock: systemClock, startedBy: 'command' }, range);
  process.stdout.write(
    `\n${result.drifts.length > 0 ? `${driftTable(result.drifts)}\n` : ''}${summary(result, result.bookedDays)}\n`,
  );
  if (result.rows === 0)
    process.stdout.write('  Nothing was compared, because the range has no raw events.\n\n');
  if (result.drifts.length > 0) process.exitCode ||= DRIFTED;
}

function driftTable(drifts: readonly Drift[]): string {
  return formatTable(
    [
      { title: 'grain' },
      { title: 'from' },
      { title: 'org' },
      { title: 'type' },
      { title: 'column' },
      { title: 'raw', align: 'right' },
      { title: 'rolled up', align: 'right' },
    ],
    drifts.flatMap(({ grain, bucketStart, orgId, type, differences }) =>
      differences.map(({ what, raw, rolledUp }) => [
        grain,
        formatMoment(bucketStart),
        orgId,
        type,
        what,
        raw,
        rolledUp,
      ]),
    ),
  );
}

function summary({ from, to, rows, drifts }: Reconciliation, bookedDays: number): string {
  return formatPairs([
    ['from', rows === 0 ? '-' : formatMoment(from)],
    ['to', rows === 0 ? '-' : formatMoment(to)],
    ['rows compared', rows],
    ...(bookedDays > 0 ? ([['booked days compared', bookedDays]] as const) : []),
    ['drift', drifts.length],
  ]);
}
