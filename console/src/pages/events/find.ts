import { ApiFailure, type Problem } from '../../api/failure.ts';
import { readPasted } from './pasted.ts';
import { type LookUp, lookUp, validate } from './queries.ts';

/** What is known about an event that somebody misses. */
export interface Found {
  /** Why nothing was checked. */
  refused?: { kind: 'not-json'; reason: string } | { kind: 'not-one' };
  /** `undefined` for an id alone. */
  validity?: { kind: 'valid' } | { kind: 'not-checked' } | { kind: 'invalid'; problem: Problem };
  /** The org that the event names, if it is another one. */
  otherOrg?: string;
  ledger: { kind: 'no-id' } | { kind: 'never'; detail: string } | { kind: 'known'; lookUp: LookUp };
}

/** Validates an event, if we may, and looks up its id. */
export async function findEvent(text: string, org: string, mayValidate: boolean): Promise<Found> {
  const pasted = readPasted(text);
  if (pasted.kind === 'not-json' || pasted.kind === 'not-one')
    return { refused: pasted, ledger: { kind: 'no-id' } };
  if (pasted.kind === 'id') return { ledger: await ask(org, pasted.eventId) };
  const { event, eventId, orgId = org } = pasted;
  const validity = mayValidate ? await check(event) : { kind: 'not-checked' as const };
  return {
    validity,
    ...(orgId !== org && { otherOrg: orgId }),
    ledger: eventId === undefined ? { kind: 'no-id' } : await ask(orgId, eventId),
  };
}

async function check(event: Record<string, unknown>): Promise<NonNullable<Found['validity']>> {
  try {
    await validate(event);
    return { kind: 'valid' };
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 400) throw error;
    return { kind: 'invalid', problem: error.problem };
  }
}

async function ask(org: string, eventId: string): Promise<Found['ledger']> {
  try {
    return { kind: 'known', lookUp: await lookUp(org, eventId) };
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 404) throw error;
    return { kind: 'never', detail: error.message };
  }
}
