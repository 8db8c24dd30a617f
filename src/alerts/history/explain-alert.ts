import type { Database } from '../../database/pool.ts';
import { closingReasons } from '../../notifications/notice/reasons.ts';
import { type ListedDelivery, listDeliveries } from '../../notifications/outbox/deliveries.ts';
import { type AlertNotification, listInAppOfAlert } from '../../notifications/outbox/in-app.ts';
import { preferencesFor } from '../../notifications/routing/preferences.ts';
import { preferredChannels } from '../../notifications/routing/routing.ts';
import { BY_PREFERENCE, EVERYBODY } from '../../reserved-names.ts';
import { reasons } from '../decision/decision-reasons.ts';
import { type ListedAlert, type ListedTransition, listTransitions } from './alert-history.ts';

/** One transition of an alert, in sentences. */
export interface Explained {
  at: string;
  /** The name of the transition. */
  transition: string;
  because: string;
  /** The notice that people were sent, or why there was none. */
  notice: string;
  /** What became of each message. */
  deliveries: string[];
}

export interface Explanation {
  alert: ListedAlert;
  timeline: Explained[];
  /** The answer about one person; null: the question names none. */
  person: { recipient: string; told: boolean; because: string[] } | null;
}

const suppressions: Record<string, string> = {
  cooldown:
    'no notice: one was sent within the cooldown. If the alert still fires at its end, a notice is sent then',
  silence:
    'no notice: the rule was silenced. If the alert still fires at the end of the silence, a notice is sent then',
  catch_up: 'no notice: it happened while no rules were evaluated, and was found later',
  untold: 'no notice: nobody was told that the alert fired',
};

/** What a silence kept from people; `undefined`: no silence did. */
function silencedBy({ silence, transition }: ListedTransition): string | undefined {
  if (silence === null) return undefined;
  const owed =
    transition === 'resolved' ? '' : '. If the alert still fires at its end, a notice is sent then';
  return `no notice of kind ${transition}: the silence "${silence}" was in force${owed}`;
}

/** The meaning of a reason. An act of a person has no other reason than the person. */
function sentenceOf({ reason, actorId }: ListedTransition): string {
  const known = { ...reasons, ...closingReasons } as Record<string, string>;
  return known[reason] ?? `${actorId ?? 'Somebody'} did this.`;
}

/**
 * Explains why an alert came and went, who was told of it, and who was not.
 * @param recipient the person to explain about: a user's id, an address, or a destination
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
          ? (silencedBy(transition) ??
            suppressions[transition.suppressedBy ?? ''] ??
            'this transition has no notice')
          : `a notice was due: ${transition.notice}`,
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

/** A message belongs to the last transition with its kind of notice that was not after it. */
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
  const whom = `${channel} to ${recipient === BY_PREFERENCE ? 'the recipients that the preferences name' : recipient}`;
  switch (status) {
    case 'sent': {
      const seconds = sentAt === null ? 0 : (Date.parse(sentAt) - Date.parse(detectedAt)) / 1_000;
      return `${whom}: sent after ${seconds.toFixed(1)} s`;
    }
    case 'waiting':
      return `${whom}: waits until ${notBefore}${failure === null ? '' : ` after ${attempts} attempts: ${failure}`}`;
    case 'leased':
      return `${whom}: is being sent`;
    case 'dead':
      return `${whom}: could not be sent: ${failure}`;
    case 'cancelled':
      return `${whom}: was not sent: ${failure}`;
    case 'expanded':
      return `${whom}: replaced by one message for each of them`;
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
        ? `no preference of the org covers ${alert.severity}, so the default recipients are told; ${recipient} is none of them`
        : `${recipient} has no preferences for this org, and the rule does not name ${recipient}`,
    );
  }
  for (const { kind, id, channels } of own) {
    const chosen = channels[alert.severity];
    because.push(
      chosen.length === 0
        ? `the ${kind} ${id} wants no notices of severity ${alert.severity}`
        : `the ${kind} ${id} wants ${alert.severity} by ${chosen.join(', ')}; the rule sent no message on these channels`,
    );
  }
  return { recipient, told, because };
}
