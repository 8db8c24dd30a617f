import { Command, Option } from 'commander';
import { type ApiKey, createApiKeys } from '../../auth/api-keys.ts';
import { type Role, roles } from '../../auth/roles.ts';
import { systemClock } from '../../time.ts';
import { type CommandContext, onDatabase } from '../on-database.ts';
import { atTheCommandLine } from '../operator.ts';
import { readDuration } from '../read-duration.ts';
import { formatMoment } from '../read-moment.ts';
import { formatPairs, formatTable } from '../table.ts';

interface CreateFlags {
  name: string;
  role: Role;
  org: string[];
  /** Milliseconds. */
  expiresIn?: number;
}

/** `tidemark keys`: API keys are made, listed and ended. Each change leaves a line in the audit log. */
export function keysCommand(): Command {
  return new Command('keys')
    .description('API keys of machines')
    .addCommand(
      new Command('create')
        .description('make a key; it is shown this once')
        .requiredOption('--name <name>', 'who or what uses it')
        .addOption(new Option('--role <role>', 'what it may do').choices(roles).default('ingest'))
        .option('--org <org...>', 'the orgs it is for; the admin role needs none', [])
        .option(
          '--expires-in <duration>',
          'when it ends by itself, such as 90d; never unless given',
          readDuration,
        )
        .action((flags: CreateFlags) => onDatabase('keys', (context) => createKey(flags, context))),
    )
    .addCommand(
      new Command('list')
        .description('all keys there ever were, the newest first')
        .action(() => onDatabase('keys', listKeys)),
    )
    .addCommand(
      new Command('revoke')
        .description('end a key; it stops working everywhere within 5 seconds')
        .argument('<id>', 'as `tidemark keys list` shows it')
        .action((id: string) => onDatabase('keys', (context) => revokeKey(id, context))),
    );
}

function apiKeysOf({ pool }: CommandContext) {
  return createApiKeys({ database: pool, clock: systemClock });
}

async function createKey(
  { name, role, org, expiresIn }: CreateFlags,
  context: CommandContext,
): Promise<void> {
  const made = await apiKeysOf(context).create(
    {
      name,
      role,
      orgs: org,
      ...(expiresIn !== undefined && { expiresAt: new Date(systemClock.now() + expiresIn) }),
    },
    atTheCommandLine('tidemark keys'),
  );
  const pairs = formatPairs([
    ['id', made.id],
    ['role', made.role],
    ['orgs', made.orgs.join(', ') || 'all'],
    ['ends', made.expiresAt ? formatMoment(made.expiresAt) : 'never'],
    ['key', made.key],
  ]);
  process.stdout.write(`\n${pairs}\n  Keep the key now: it cannot be shown again. Send it as X-API-Key.\n\n`);
}

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt) return `revoked ${formatMoment(revokedAt)}`;
  if (!expiresAt) return 'works';
  return `${expiresAt.getTime() <= systemClock.now() ? 'ended' : 'works until'} ${formatMoment(expiresAt)}`;
}

async function listKeys(context: CommandContext): Promise<void> {
  const keys = await apiKeysOf(context).list();
  const table = formatTable(
    [
      { title: 'id' },
      { title: 'name' },
      { title: 'role' },
      { title: 'orgs' },
      { title: 'made' },
      { title: 'by' },
      { title: 'state' },
    ],
    keys.map((key) => [
      key.id,
      key.name,
      key.role,
      key.orgs.join(', ') || 'all',
      formatMoment(key.createdAt),
      key.createdBy,
      stateOf(key),
    ]),
  );
  process.stdout.write(keys.length === 0 ? '\n  There are no keys.\n\n' : `\n${table}\n`);
}

async function revokeKey(id: string, context: CommandContext): Promise<void> {
  await apiKeysOf(context).revoke(id, atTheCommandLine('tidemark keys'));
  process.stdout.write(`\n  The key ${id} has ended.\n\n`);
}
