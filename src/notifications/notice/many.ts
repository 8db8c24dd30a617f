import type { Notice } from './notice.ts';
import { statementOf } from './statement.ts';
import { eventOf, factsOf, oneLine, stateOf, titleOf } from './wording.ts';

/** What one message tells: a notice, and perhaps further ones. */
export interface Told {
  notice: Notice;
  others?: readonly Notice[];
}

/** The most alerts that a message names. It counts the others. */
const MOST_NAMED = 20;
const TITLE_MOST = 120;
const STATEMENT_MOST = 300;

/** All notices that a message tells. */
export function allOf({ notice, others = [] }: Told): Notice[] {
  return [notice, ...others];
}

/** The event, or that of several alerts, such as `Slow answers: 12 alerts`, or `12 alerts of acme`. */
export function eventOfAll(told: Told, most = Number.POSITIVE_INFINITY): string {
  const notices = allOf(told);
  if (notices.length === 1) return eventOf(told.notice, most);
  const { name, orgId } = told.notice;
  const count = `${notices.length} alerts`;
  const isOneRule = notices.every(({ configId }) => configId === told.notice.configId);
  if (!isOneRule) return oneLine(`${count} of ${orgId ?? 'all orgs'}`, most);
  return `${oneLine(name, Math.max(12, most - count.length - 2))}: ${count}`;
}

/** The statement, or how many alerts are in each state, such as `10 firing, 2 resolved`. */
export function statementOfAll(told: Told): string {
  const notices = allOf(told);
  if (notices.length === 1) return statementOf(told.notice);
  const states = new Map<string, number>();
  for (const one of notices) states.set(stateOf(one), (states.get(stateOf(one)) ?? 0) + 1);
  return [...states].map(([state, count]) => `${count} ${state.toLowerCase()}`).join(', ');
}

/** The evidence, or a line for each alert, the most severe first. */
export function factsOfAll(told: Told, zone?: string): [label: string, value: string][] {
  const notices = allOf(told);
  if (notices.length === 1) return factsOf(told.notice, zone);
  const named = notices.slice(0, MOST_NAMED).map((one): [string, string] => {
    const said = oneLine(statementOf(one), STATEMENT_MOST);
    return [`${stateOf(one)} ${one.severity}`, `${titleOf(one, TITLE_MOST)}: ${said}`];
  });
  const more = notices.length - named.length;
  return more === 0 ? named : [...named, ['Not listed', `${more} more`]];
}
