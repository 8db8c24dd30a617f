import type { Database } from '../../database/pool.ts';
import { closingReasons } from '../../notifications/notice/reasons.ts';
import { type ListedDelivery, listDeliveries } from '../../notifications/outbox/deliveries.ts';
import { type AlertNotification, listInAppOfAlert } from '../../notifications/outbox/in-app.ts';
import { preferencesFor } from '../../notifications/routing/preferences.ts';
import { preferredChannels } from '../../notifications/routing/routing.ts';
import { BY_PREFERENCE, EVERYBODY } from '../../reserved-names.ts';
import { reasons } from '../decision/decide.ts';
import { type ListedAlert, type ListedTransition, listTransitions } from './alert-history.ts';

/** One thing about an alert, in a sentence. */
export interface Explained {
  at: string;
  /** Of the transition. */
  transition: string;
  because: string;
  /** Whether people were to be told; and if not, why. */
  notice: string;
  /** What became of each message of it. */
  deliveries: string[];
}

export interface Explanation {
  alert: ListedAlert;
  timeline: Explained[];
  /** About the person that was asked for. */
  person: { recipient: string; told: boolean; because: string[] } | null;
}

const suppressions: Record<string, string> = {
  cooldown:
    'nobody was told: a notice had gone out within the cooldown; what still fires at its end is told then',
  silence: 'nobody was told: the rule was silenced; what still fires at its end is told then',
  catch_up: 'nobody was told: it happened while nothing was evaluated, and was found later',
  untold: 'nobody was told: nobody had been told that it fired',
};

/** Longer reason texts by name; what a person did needs none. */
function sentenceOf({ reason, actorId }: ListedTransition): string {
  const known = { ...reasons, ...closingReasons } as Record<string, string>;
  return known[reason] ?? `${actorId ?? 'Somebody'} did it.`;
}

/**
 * Why an alert came and went, who was told of it and who was not.
 * @param recipient a user's id, an address, or a destination
 */
export async function explainAlert(
  database: Database,
  alert: ListedAlert,
  recipient: string | undefined,
): Promise<Explanation> {
  const transitions = await listTransitions(database, alert.id);
  const deliveries = await listDeliveries(database, { orgs: 'all', alertId: alert.id, limit: 1_000 });
  const inApp = await listInAppOfAlert(database, alert.id);
  const timeline = transitions.map(
    (transition): Explained => ({
      at: transition.at,
      transition: transition.transition,
      because: sentenceOf(transition),
      notice:
        transition.notice === null
          ? (suppressions[transition.suppressedBy ?? ''] ?? 'no notice belongs to it')
          : `people were to be told: ${transition.notice}`,
      deliveries: deliveries
        .filter((delivery) => belongsTo(delivery, transition, transitions))
        .map(sentenceOfDelivery)
        .reverse()
        .concat(inApp.filter(({ transitionId }) => transitionId === transition.id).map(sentenceOfInApp)),
    }),
  );
  return {
    alert,
    timeline,
    person:
      recipient === undefined ? null : await explainPerson(database, alert, { deliveries, inApp }, recipient),
  };
}

/** A message is of the transition of its notice that was the last before it. */
function belongsTo(
  delivery: ListedDelivery,
  transition: ListedTransition,
  all: readonly ListedTransition[],
): boolean {
  if (delivery.kind !== transition.notice) return false;
  const last = all.filter((one) => one.notice === delivery.kind && one.at <= delivery.detectedAt).at(-1);
  return last?.id === transition.id;
}

function sentenceOfDelivery(delivery: ListedDelivery): string {
  const { channel, recipient, status, failure, sentAt, notBefore, detectedAt, attempts } = delivery;
  const whom = `${channel} to ${recipient === BY_PREFERENCE ? 'whoever the preferences name' : recipient}`;
  switch (status) {
    case 'sent': {
      const seconds = sentAt === null ? 0 : (Date.parse(sentAt) - Date.parse(detectedAt)) / 1_000;
      return `${whom}: sent after ${seconds.toFixed(1)} s`;
    }
    case 'waiting':
      return `${whom}: waits until ${notBefore}${failure === null ? '' : `, as ${failure} (${attempts} attempts)`}`;
    case 'leased':
      return `${whom}: is being sent`;
    case 'dead':
      return `${whom}: could not be sent: ${failure}`;
    case 'cancelled':
      return `${whom}: was not sent: ${failure}`;
    case 'expanded':
      return `${whom}: sent to each of them`;
  }
}

function sentenceOfInApp({ recipient, kind }: AlertNotification): string {
  return `in_app to ${recipient === EVERYBODY ? 'everybody who may read these alerts' : recipient}: ${kind}`;
}

async function explainPerson(
  database: Database,
  alert: ListedAlert,
  { deliveries, inApp }: { deliveries: readonly ListedDelivery[]; inApp: readonly AlertNotification[] },
  recipient: string,
): Promise<Explanation['person']> {
  const preferences = await preferencesFor(database, alert.allOrgs ? null : alert.orgId);
  const own = preferences.filter(({ id, email, phone, slack, webhook }) =>
    [id, email, phone, slack, webhook].includes(recipient),
  );
  const addresses = new Set([
    recipient,
    ...own.flatMap(({ id, email, phone, slack, webhook }) => [id, email, phone, slack, webhook]),
  ]);
  const theirs = deliveries.filter((delivery) => addresses.has(delivery.recipient));
  const inProduct = inApp.filter((one) => one.recipient === EVERYBODY || addresses.has(one.recipient));
  const told =
    theirs.some(({ status }) => status === 'sent') || inProduct.some((one) => one.recipient !== EVERYBODY);
  const because = [...theirs.map(sentenceOfDelivery).reverse(), ...inProduct.map(sentenceOfInApp)];
  if (theirs.length > 0) return { recipient, told, because };
  if (own.length === 0) {
    because.push(
      preferredChannels(alert.severity, preferences).length === 0
        ? `no preferences of the org name anybody for ${alert.severity}, so the default recipients are told; this is none of them`
        : 'there are no preferences of theirs for this org, and the rule does not name them',
    );
  }
  for (const { kind, id, channels } of own) {
    const chosen = channels[alert.severity];
    because.push(
      chosen.length === 0
        ? `the ${kind} ${id} wants no notices of severity ${alert.severity}`
        : `the ${kind} ${id} wants ${alert.severity} by ${chosen.join(', ')}; the rule sent no message by these`,
    );
  }
  return { recipient, told, because };
}
