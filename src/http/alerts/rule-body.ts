import type { Static } from 'typebox';
import { type AlertConfig, ownFields } from '../../alerts/configs/alert-configs.ts';
import { refuseField } from '../../errors.ts';
import { readTimestamp } from '../../events/field.ts';
import type { RuleBody } from './rule-schema.ts';

/**
 * Separates the fields of the rule from the time until which it is silenced. Without that field a silence stays as it
 * is; `null` ends it.
 * @throws {CodedError} `invalid_request`
 */
export function splitBody(body: Static<typeof RuleBody>): {
  fields: Record<string, unknown>;
  silencedUntil?: number | null;
} {
  const { silencedUntil, ...fields } = body;
  if (silencedUntil === undefined) return { fields };
  if (silencedUntil === null) return { fields, silencedUntil };
  const read = readTimestamp(silencedUntil);
  if (typeof read === 'number') return { fields, silencedUntil: Math.floor(read / 1_000) };
  throw refuseField('$.silencedUntil', `must be ${read.expected}`);
}

/**
 * The body of a change without the fields that the service sets, so that callers can send back what GET gave.
 * @throws {CodedError} `invalid_request` for another id or org than the config's
 */
export function withoutOwnFields(
  body: Record<string, unknown>,
  config: AlertConfig,
): Record<string, unknown> {
  const { id = config.id, orgId = config.orgId } = body;
  if (id !== config.id) {
    throw refuseField(
      '$.id',
      `must be ${JSON.stringify(config.id)} or absent; the id of a rule cannot change`,
    );
  }
  if (orgId !== config.orgId) {
    throw refuseField(
      '$.orgId',
      `must be ${JSON.stringify(config.orgId)} or absent; for another org, add another rule`,
    );
  }
  const own: readonly string[] = ownFields;
  return Object.fromEntries(Object.entries(body).filter(([name]) => !own.includes(name)));
}
