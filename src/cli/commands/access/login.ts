import { Command, Option } from 'commander';
import { type Role, roles } from '../../../auth/roles.ts';
import { createLoginCode } from '../../../auth/sessions/login-codes.ts';
import { whyUnusable } from '../../../auth/sessions/usable.ts';
import { CodedError } from '../../../errors.ts';
import { ALL_ORGS } from '../../../events/all-orgs.ts';
import { isStorable } from '../../../plain-text.ts';
import { systemClock } from '../../../time.ts';
import { consoleAddress, loginLink } from '../../login-link.ts';
import { onDatabase } from '../../on-database.ts';
import { commandLineCaller } from '../../operator.ts';
import { reportFailure } from '../../report-failure.ts';

interface Flags {
  sub: string;
  role: Role[];
  org: string[];
}

/** `tidemark login`: prints a link that signs one browser in to the console, whatever provider is set up or down. */
export function loginCommand(): Command {
  return new Command('login')
    .description('print a link that signs one browser in to the console; it works once, within ten minutes')
    .option('--sub <name>', 'id of the person, for the audit log', 'command-line')
    .addOption(new Option('--role <role...>', 'roles of the person').choices(roles).default(['admin']))
    .option('--org <org...>', 'orgs of the person; the role admin needs none', [])
    .action((flags: Flags) => printLink(flags).catch(reportFailure));
}

async function printLink({ sub, role, org }: Flags): Promise<void> {
  if (sub.trim() === '' || sub.length > 200 || !isStorable(sub))
    throw new CodedError('invalid_request', '--sub must be 1 to 200 characters');
  if (org.includes(ALL_ORGS))
    throw new CodedError(
      'invalid_request',
      `--org "${ALL_ORGS}" is not an org; use --role admin to reach all orgs`,
    );
  const unusable = whyUnusable({ roles: role, orgs: org });
  if (unusable === 'no_role')
    throw new CodedError(
      'invalid_request',
      `--role ${role.join(', ')} cannot read, so the console would be empty`,
    );
  if (unusable === 'no_org')
    throw new CodedError('invalid_request', `the role ${role.join(', ')} needs at least one --org`);
  await onDatabase('login', async ({ pool, config }) => {
    const owner = { id: sub, roles: role, orgs: org };
    const caller = commandLineCaller('tidemark login');
    const code = await createLoginCode({ database: pool, clock: systemClock }, owner, caller);
    process.stdout.write(`${loginLink(consoleAddress(config), code)}\n`);
    process.stderr.write('The link signs one browser in, once, within ten minutes.\n');
  });
}
