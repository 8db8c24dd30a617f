import { Command } from 'commander';
import { listTokenRevocations, revokeTokens, type TokenOwner } from '../../../auth/token-revocations.ts';
import { CodedError } from '../../../errors.ts';
import { showHidden } from '../../../plain-text.ts';
import { systemClock } from '../../../time.ts';
import { type CommandContext, onDatabase } from '../../on-database.ts';
import { commandLineCaller } from '../../operator.ts';
import { formatExactMoment } from '../../read-moment.ts';
import { reportFailure } from '../../report-failure.ts';
import { formatTable } from '../../table.ts';

/** `tidemark tokens`: ends tokens before they expire, and lists which have been ended. */
export function tokensCommand(): Command {
  return new Command('tokens')
    .description('revoke tokens before they expire')
    .addCommand(
      new Command('revoke')
        .description('revoke all tokens of a subject, or of an org, that were issued up to now')
        .argument('[subject]', 'the claim "sub" of the tokens')
        .option('--org <org>', 'every token that names this org instead')
        .action((subject: string | undefined, { org }: { org?: string }) => revoke(subject, org)),
    )
    .addCommand(
      new Command('list')
        .description('list what has been revoked, the latest first')
        .action(() => onDatabase('tokens', list)),
    );
}

async function revoke(subject: string | undefined, org: string | undefined): Promise<void> {
  const [owner, ...more]: TokenOwner[] = [
    ...(subject === undefined ? [] : [{ kind: 'subject' as const, name: subject }]),
    ...(org === undefined ? [] : [{ kind: 'org' as const, name: org }]),
  ];
  if (owner === undefined || more.length > 0) {
    return reportFailure(new CodedError('invalid_request', 'give either a subject or --org'));
  }
  await onDatabase('tokens', async ({ pool }) => {
    const { issuedUpTo } = await revokeTokens(
      { database: pool, clock: systemClock },
      owner,
      commandLineCaller('tidemark tokens'),
    );
    process.stdout.write(
      `\n  Tokens of ${showHidden(formatOwner(owner))} that were issued up to ${formatExactMoment(issuedUpTo)} are revoked.\n` +
        '  Every process refuses them within 5 seconds. API keys go on: see `tidemark keys list`.\n\n',
    );
  });
}

async function list({ pool }: CommandContext): Promise<void> {
  const revocations = await listTokenRevocations(pool);
  const table = formatTable(
    [{ title: 'tokens of' }, { title: 'issued up to' }, { title: 'revoked by' }],
    revocations.map((one) => [formatOwner(one), formatExactMoment(one.issuedUpTo), one.revokedBy]),
  );
  process.stdout.write(revocations.length === 0 ? '\n  No tokens are revoked.\n\n' : `\n${table}\n`);
}

function formatOwner({ kind, name }: TokenOwner): string {
  return `the ${kind} ${name}`;
}
