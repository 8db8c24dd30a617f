import type { Fault } from './errors.ts';
import { givenText } from './setting-text.ts';
import { type Setting, settings } from './settings.ts';

type Settings = typeof settings;
type Value<S> =
  S extends Setting<infer T, infer Default> ? T | (Default extends string ? never : undefined) : never;

/** The whole configuration; durations are in milliseconds. */
export type Config = { readonly [K in keyof Settings]: Value<Settings[K]> };

/** All faults of the environment at once: `path` is the variable, `message` shows its value and what is allowed. */
export class ConfigError extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(
      `The configuration is not valid:\n${faults.map((fault) => `  ${fault.path}: ${fault.message}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/**
 * Reads and checks the whole configuration. An empty variable counts as unset. A secret may be in a file.
 * @throws {ConfigError} naming every fault; the value of a secret is never part of it.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const faults: Fault[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries<Setting<unknown>>(settings)) {
    const read = givenText(setting, env);
    if ('fault' in read) faults.push(read.fault);
    const given = 'fault' in read ? undefined : (read.text ?? setting.default);
    if (given === undefined) continue;
    try {
      values[key] = setting.parse(given);
    } catch (error) {
      const shown = setting.secret ? 'the value (not shown)' : JSON.stringify(given.slice(0, 100));
      faults.push({ path: setting.env, message: `${shown} is not valid; give ${(error as Error).message}` });
    }
  }
  // The keys and the parsers are those of the table, so the values have the table's types.
  const config = values as Partial<Config>;
  faults.push(...contradictions(config));
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(config as Config);
}

/** Settings that are valid by themselves but contradict each other. */
function contradictions(config: Partial<Config>): Fault[] {
  const { dedupWindow, rawRetention, jwtSecret, jwksUrl, roles } = config;
  const { twilioAccountSid, twilioAuthToken, twilioFrom } = config;
  const faults: Fault[] = [];
  if (dedupWindow !== undefined && rawRetention !== undefined && dedupWindow < rawRetention) {
    const message =
      'must be at least RAW_RETENTION; otherwise an event that is still kept could be counted twice';
    faults.push({ path: 'DEDUP_WINDOW', message });
  }
  if (jwtSecret !== undefined && jwksUrl !== undefined) {
    faults.push({ path: 'JWKS_URL', message: 'cannot be used together with JWT_SECRET; unset one of them' });
  }
  if (config.jwtSecretPrevious !== undefined && jwksUrl !== undefined) {
    const message = 'cannot be used together with JWKS_URL, which has keys of its own; unset one of them';
    faults.push({ path: 'JWT_SECRET_PREVIOUS', message });
  }
  if ((config.healthDownPercent ?? 100) < (config.healthErrorPercent ?? 0)) {
    faults.push({ path: 'HEALTH_DOWN_PERCENT', message: 'must be at least HEALTH_ERROR_PERCENT' });
  }
  if ((config.s3AccessKey === undefined) !== (config.s3SecretKey === undefined)) {
    faults.push({
      path: 'S3_SECRET_KEY',
      message: 'and S3_ACCESS_KEY belong together; set both, or unset both',
    });
  }
  if (twilioAccountSid !== undefined) {
    if (twilioAuthToken === undefined)
      faults.push({
        path: 'TWILIO_AUTH_TOKEN',
        message: 'is required with TWILIO_ACCOUNT_SID; set it, or unset TWILIO_ACCOUNT_SID',
      });
    if (twilioFrom === undefined)
      faults.push({
        path: 'TWILIO_FROM',
        message: 'is required with TWILIO_ACCOUNT_SID; set it, or unset TWILIO_ACCOUNT_SID',
      });
  }
  if (roles?.length === 0)
    faults.push({ path: 'ROLES', message: 'is empty; give at least one of api, ingest, worker' });
  return faults;
}
