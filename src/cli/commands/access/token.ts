import { Command, Option } from 'commander';
import { signToken } from '../../../auth/jwt.ts';
import { localSecret } from '../../../auth/local-secret.ts';
import { grantOf, type Role, roles } from '../../../auth/roles.ts';
import { describeDuration } from '../../../auth/token-claims.ts';
import { ownCommand } from '../../../command-line.ts';
import { loadConfig } from '../../../config.ts';
import { CodedError } from '../../../errors.ts';
import { ALL_ORGS } from '../../../events/all-orgs.ts';
import { HOUR, systemClock } from '../../../time.ts';
import { readDuration } from '../../read-duration.ts';
import { reportFailure } from '../../report-failure.ts';

interface Flags {
  sub: string;
  role: Role[];
  org: string[];
  /** Milliseconds. */
  ttl: number;
}

/** `tidemark token`: prints a token signed with JWT_SECRET or with the secret of the data directory. */
export function tokenCommand(): Command {
  return new Command('token')
    .description('print a token for the API, signed with JWT_SECRET or the generated secret')
    .option('--sub <name>', 'subject of the token', 'command-line')
    .addOption(new Option('--role <role...>', 'roles of the token').choices(roles).default(['admin']))
    .option('--org <org...>', 'orgs of the token; the role admin needs none', [])
    .addOption(
      new Option('--ttl <duration>', 'lifetime, such as 8h or 30d')
        .argParser(readDuration)
        .default(HOUR, '1h'),
    )
    .action((flags: Flags) => printToken(flags).catch(reportFailure));
}

async function printToken({ sub, role, org, ttl }: Flags): Promise<void> {
  const config = loadConfig(process.env);
  if (config.jwksUrl !== undefined) {
    throw new CodedError(
      'invalid_request',
      'JWKS_URL is set, so tokens must come from its identity provider',
    );
  }
  if (ttl > config.maxTokenLifetime) {
    const longest = describeDuration(config.maxTokenLifetime);
    throw new CodedError(
      'invalid_request',
      `--ttl must be at most ${longest} (MAX_TOKEN_LIFETIME); use an API key for more: ${ownCommand()} keys create`,
    );
  }
  const secret = config.jwtSecret ?? (await localSecret(config.dataDir));
  const bound = role.find((name) => grantOf(name).orgs === 'own');
  if (bound !== undefined && org.length === 0) {
    throw new CodedError('invalid_request', `the role ${bound} needs at least one --org`);
  }
  if (org.includes(ALL_ORGS)) {
    throw new CodedError(
      'invalid_request',
      `--org "${ALL_ORGS}" is not an org; use --role admin to reach all orgs`,
    );
  }
  const token = await signToken(
    secret,
    { subject: sub, roles: role, orgs: org, lifetime: ttl },
    { clock: systemClock, audience: config.jwtAudience, issuer: config.jwtIssuer },
  );
  process.stdout.write(`${token}\n`);
}
