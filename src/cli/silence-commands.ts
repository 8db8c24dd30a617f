import { Command } from 'commander';
import { addSilence, removeSilence } from '../alerts/silences/change-silences.ts';
import { type ListedSilence, listedSilences } from '../alerts/silences/listed-silence.ts';
import { readSilence } from '../alerts/silences/read-silence.ts';
import { listSilences } from '../alerts/silences/stored-silences.ts';
import { refuse } from '../errors.ts';
import { systemClock } from '../time.ts';
import { type CommandContext, onDatabase } from './on-database.ts';
import { commandLineCaller } from './operator.ts';
import { formatExactMoment } from './read-moment.ts';
import { formatTable } from './table.ts';

const MOST_LISTED = 1_000;
/** The most rules that a line of the list names. */
const MOST_NAMED = 3;

interface AddFlags {
  org?: string;
  reason: string;
  name?: string;
  rule: string[];
  label: string[];
  severity: string[];
  start?: string;
  end?: string;
  days?: string;
  from?: string;
  to?: string;
  zone?: string;
}

/** `tidemark alerts silences`: silences and maintenance windows. Each change leaves an entry in the audit log. */
export function silencesCommand(): Command {
  return new Command('silences')
    .description('silences and maintenance windows')
    .addCommand(
      new Command('list')
        .description('list those that are not over')
        .option('--org <org>', 'only of this org')
        .action((flags: { org?: string }) => onDatabase('alerts', (context) => list(flags.org, context))),
    )
    .addCommand(addCommand())
    .addCommand(
      new Command('remove')
        .description('remove one; what it kept back is told if it still fires')
        .argument('<id>', 'its id, as the list shows it')
        .action((id: string) => onDatabase('alerts', (context) => remove(id, context))),
    );
}

function addCommand(): Command {
  return new Command('add')
    .description('silence alerts, once or in windows that recur')
    .requiredOption('--reason <text>', 'why nobody is told')
    .option('--org <org>', 'the org; by default rules over all orgs')
    .option('--name <name>', 'its name in a file of rules')
    .option('--rule <name...>', 'only these rules', [])
    .option('--label <name=value...>', 'only alerts with these values, such as modelId=gpt-4o', [])
    .option('--severity <severity...>', 'only these severities', [])
    .option('--start <time>', 'ISO 8601; by default now')
    .option('--end <time>', 'ISO 8601; needed unless it recurs')
    .option('--days <days>', 'it recurs on these days, such as mon,tue')
    .option('--from <HH:MM>', 'from this time of these days')
    .option('--to <HH:MM>', 'to this time')
    .option('--zone <zone>', 'the zone of the times, such as Europe/Berlin', 'UTC')
    .action((flags: AddFlags) => onDatabase('alerts', (context) => add(flags, context)));
}

async function add(flags: AddFlags, { pool }: CommandContext): Promise<void> {
  const labels = flags.label.map((label) => {
    const at = label.indexOf('=');
    return [label.slice(0, Math.max(at, 0)), label.slice(at + 1)];
  });
  const input = {
    name: flags.name ?? null,
    reason: flags.reason,
    rules: flags.rule,
    labels: Object.fromEntries(labels),
    severities: flags.severity,
    startsAt: flags.start ?? null,
    endsAt: flags.end ?? null,
    recurrence:
      flags.days === undefined
        ? null
        : { days: flags.days.split(','), from: flags.from, to: flags.to, timezone: flags.zone },
  };
  const silence = readSilence(input, { now: systemClock.now() });
  if (Array.isArray(silence)) throw refuse('In the silence', silence);
  const caller = commandLineCaller('tidemark alerts silences add');
  const made = await addSilence({ pool, clock: systemClock }, flags.org ?? null, silence, caller);
  process.stdout.write(`\n  Added the silence ${made.id}.\n\n`);
}

async function list(org: string | undefined, { pool }: CommandContext): Promise<void> {
  const now = systemClock.now();
  const scope = org === undefined ? 'all' : [org];
  const found = await listSilences(pool, { scope, unexpiredAt: now, limit: MOST_LISTED });
  const moment = (at: string | undefined) => (at === undefined ? '-' : formatExactMoment(new Date(at)));
  const rows = (await listedSilences(pool, found, now)).map((silence) => [
    silence.id,
    silence.orgId ?? 'all orgs',
    silence.state,
    moment(silence.occurrence?.opensAt),
    moment(silence.occurrence?.closesAt),
    silence.recurrence === null ? '' : silence.recurrence.days.join(','),
    rulesOf(silence),
    silence.name ?? silence.reason,
  ]);
  if (rows.length === 0) {
    process.stdout.write('\n  There is no silence.\n\n');
    return;
  }
  const titles = ['id', 'org', 'state', 'from', 'to', 'days', 'rules', 'reason'].map((title) => ({ title }));
  process.stdout.write(`\n${formatTable(titles, rows)}\n`);
}

/** The names of the rules that a silence matches, as many as a line has room for. */
function rulesOf({ matchingRules, matchingRuleCount }: ListedSilence): string {
  if (matchingRuleCount === 0) return 'none';
  const named = matchingRules.slice(0, MOST_NAMED).map(({ name }) => name);
  const more = matchingRuleCount - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

async function remove(id: string, { pool }: CommandContext): Promise<void> {
  const caller = commandLineCaller('tidemark alerts silences remove');
  await removeSilence({ pool, clock: systemClock }, { id, scope: 'all' }, caller);
  process.stdout.write(`\n  Removed the silence ${id}.\n\n`);
}
