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
const ACTOR_MOST = 60;

/** All notices that a message tells. */
export function allOf({ notice, others = [] }: Told): Notice[] {
  return [notice, ...others];
}

/** Whether all alerts of a message are of one rule, so that only their groups tell them apart. */
export function isOfOneRule(told: Told): boolean {
  return allOf(told).every(({ configId }) => configId === told.notice.configId);
}

/** The event, or that of several alerts, such as `Slow answers: 12 alerts`, or `12 alerts of acme`. */
export function eventOfAll(told: Told, most = Number.POSITIVE_INFINITY): string {
  const notices = allOf(told);
  if (notices.length === 1) return eventOf(told.notice, most);
  const { name, orgId } = told.notice;
  const count = `${notices.length} alerts`;
  if (!isOfOneRule(told)) return oneLine(`${count} of ${orgId ?? 'all orgs'}`, most);
  return `${oneLine(name, Math.max(12, most - count.length - 2))}: ${count}`;
}

/** The statement, or how many alerts are in each state and who put them there, such as `2 acknowledged by eve`. */
export function statementOfAll(told: Told): string {
  if (allOf(told).length === 1) return statementOf(told.notice);
  return byState(told)
    .map(([state, notices]) => {
      const actors = new Set(notices.map(actorOf));
      const [actor] = actors;
      const by = actors.size === 1 && actor !== undefined ? ` by ${oneLine(actor, ACTOR_MOST)}` : '';
      return `${notices.length} ${state.toLowerCase()}${by}`;
    })
    .join(', ');
}

/** How many of several alerts are in each state, such as `10 firing, 2 resolved`. */
export function countsOf(told: Told): string {
  return byState(told)
    .map(([state, { length }]) => `${length} ${state.toLowerCase()}`)
    .join(', ');
}

function byState(told: Told): [state: string, notices: Notice[]][] {
  return [...Map.groupBy(allOf(told), stateOf)];
}

/** The person whose act a notice tells. */
function actorOf({ kind, reason, actorId }: Notice): string | undefined {
  const isAct = kind === 'acknowledged' || kind === 'unacknowledged' || reason === 'by_person';
  return isAct ? (actorId ?? undefined) : undefined;
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
