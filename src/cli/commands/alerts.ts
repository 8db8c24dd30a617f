import { Argument, Command } from 'commander';
import { ConfigChanges } from '../../alerts/configs/change-configs.ts';
import { installPack, packNames } from '../../alerts/configs/rule-pack.ts';
import { routeByPreference } from '../../notifications/routing/route-notice.ts';
import { systemClock } from '../../time.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { commandLineCaller } from '../operator.ts';
import { silencesCommand } from '../silence-commands.ts';
import { formatTable } from '../table.ts';

interface Flags {
  org: string[];
  dryRun: boolean;
}

/** `tidemark alerts`: adds ready-made alert rules and silences. Each addition leaves an entry in the audit log. */
export function alertsCommand(): Command {
  return new Command('alerts')
    .description('alert rules and silences')
    .addCommand(silencesCommand())
    .addCommand(
      new Command('install')
        .description('add the ready-made rules of a pack; a rule of the same name stays as it is')
        .addArgument(
          new Argument('<pack>', 'reliability: errors and latency of models, and freshness').choices(
            packNames,
          ),
        )
        .option('--org <org...>', 'the orgs to add them to; by default one set over all orgs', [])
        .option('--dry-run', 'only show what would be added', false)
        .addHelpText('after', '\nThe rules name no channel, so preferences and default recipients decide.')
        .action((pack: string, flags: Flags) =>
          onDatabase('alerts', (context) => install(pack, flags, context)),
        ),
    );
}

async function install(pack: string, { org, dryRun }: Flags, { pool }: CommandContext): Promise<void> {
  const changes = new ConfigChanges({
    pool,
    clock: systemClock,
    route: routeByPreference,
    slackNames: () => undefined,
    limits: undefined,
  });
  const packed = await installPack(
    pool,
    changes,
    { pack, orgIds: org.length === 0 ? [null] : org, dryRun },
    commandLineCaller('tidemark alerts install'),
  );
  const rows = packed.map(({ orgId, rule, outcome }) => [
    outcome === 'there' ? 'is there' : dryRun ? 'would be added' : 'added',
    orgId ?? 'all orgs',
    rule.name,
    rule.severity,
    rule.description,
  ]);
  const titles = ['', 'org', 'rule', 'severity', 'fires when'].map((title) => ({ title }));
  process.stdout.write(`\n${formatTable(titles, rows)}\n`);
  if (dryRun) process.stdout.write('  Nothing was written (--dry-run).\n\n');
}
