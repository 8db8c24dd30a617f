import { Command, Option } from 'commander';
import type { ApiKey } from '../../../auth/api-key-row.ts';
import { createApiKeys } from '../../../auth/api-keys.ts';
import { type Role, roles } from '../../../auth/roles.ts';
import { systemClock } from '../../../time.ts';
import { type CommandContext, onDatabase } from '../../on-database.ts';
import { commandLineCaller } from '../../operator.ts';
import { readDuration } from '../../read-duration.ts';
import { formatMoment } from '../../read-moment.ts';
import { formatPairs, formatTable } from '../../table.ts';

interface CreateFlags {
  name: string;
  role: Role;
  org: string[];
  /** Milliseconds. */
  expiresIn?: number;
}

/** `tidemark keys`: creates, lists and revokes API keys. Each change adds an entry to the audit log. */
export function keysCommand(): Command {
  return new Command('keys')
    .description('manage API keys')
    .addCommand(
      new Command('create')
        .description('create a key; it is shown only once')
        .requiredOption('--name <name>', 'user of the key')
        .addOption(new Option('--role <role>', 'role of the key').choices(roles).default('ingest'))
        .option('--org <org...>', 'orgs of the key; the role admin needs none', [])
        .option('--expires-in <duration>', 'lifetime, such as 90d (default: no expiry)', readDuration)
        .action((flags: CreateFlags) => onDatabase('keys', (context) => createKey(flags, context))),
    )
    .addCommand(
      new Command('list')
        .description('list all keys, including revoked ones, the newest first')
        .action(() => onDatabase('keys', listKeys)),
    )
    .addCommand(
      new Command('revoke')
        .description('revoke a key; it stops working everywhere within 5 seconds')
        .argument('<id>', 'id from `tidemark keys list`')
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
    commandLineCaller('tidemark keys'),
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
  if (!expiresAt) return 'active';
  return `${expiresAt.getTime() <= systemClock.now() ? 'expired' : 'active until'} ${formatMoment(expiresAt)}`;
}

async function listKeys(context: CommandContext): Promise<void> {
  const keys = await apiKeysOf(context).list();
  const table = formatTable(
    [
      { title: 'id' },
      { title: 'name' },
      { title: 'role' },
      { title: 'orgs' },
      { title: 'created' },
      { title: 'by' },
      { title: 'last used' },
      { title: 'state' },
    ],
    keys.map((key) => [
      key.id,
      key.name,
      key.role,
      key.orgs.join(', ') || 'all',
      formatMoment(key.createdAt),
      key.createdBy,
      key.lastUsedAt ? formatMoment(key.lastUsedAt) : 'never',
      stateOf(key),
    ]),
  );
  process.stdout.write(keys.length === 0 ? '\n  There are no keys.\n\n' : `\n${table}\n`);
}

async function revokeKey(id: string, context: CommandContext): Promise<void> {
  await apiKeysOf(context).revoke(id, commandLineCaller('tidemark keys'));
  process.stdout.write(`\n  The key ${id} is revoked.\n\n`);
}
