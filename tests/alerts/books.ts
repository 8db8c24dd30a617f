/** Checks what must be true of alerts, transitions, messages and receipts after any sequence of events. */
import type { Pool } from 'pg';
import { expect } from 'vitest';
import type { RuleChannel } from '../../src/alerts/rules/rule.ts';
import type { Seen } from './alerting-run.ts';

interface Transition {
  id: string;
  alertId: string;
  configId: string;
  name: string;
  notice: string | null;
  suppressedBy: string | null;
}

interface Sent {
  id: string;
  alertId: string;
  transitionId: string;
  notice: string;
  channel: string;
  recipient: string;
  status: string;
  ambiguous: boolean;
  failure: string | null;
}

const TRANSITIONS = `
  select id::text, alert_id as "alertId", config_id as "configId", transition as name, notice,
    suppressed_by as "suppressedBy"
  from analytics.alert_transitions order by alert_transitions.id`;
const MESSAGES = `
  select id::text, alert_id as "alertId", transition_id::text as "transitionId", notice, channel, recipient, status,
    ambiguous, failure
  from analytics.notification_outbox
  union all
  select 'in_app ' || id, alert_id, transition_id::text, notice, 'in_app', recipient, 'sent', false, null
  from analytics.in_app_notifications`;

/** The most steps of an escalation that the sequences have. */
const MOST_STEPS = 2;

export class AlertBooks {
  /** The channels of a rule at the time of each transition. */
  readonly #channels = new Map<string, readonly RuleChannel[]>();
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async #transitions(): Promise<Transition[]> {
    return (await this.#pool.query<Transition>(TRANSITIONS)).rows;
  }

  /** Records the channels of new transitions, by the rules as they were when the transitions were made. */
  async note(channels: ReadonlyMap<string, readonly RuleChannel[]>): Promise<void> {
    for (const { id, configId } of await this.#transitions()) {
      if (!this.#channels.has(id)) this.#channels.set(id, channels.get(configId) ?? []);
    }
  }

  /** Call it once nothing is left to send and no alert is open. */
  async expectHonest(seen: readonly Seen[]): Promise<void> {
    const transitions = await this.#transitions();
    const { rows: messages } = await this.#pool.query<Sent>(MESSAGES);
    for (const one of transitions) this.#expectItsMessages(one, messages);
    for (const message of messages) {
      expectItsTransition(message, transitions);
      expectItsEnd(message, messages, transitions);
      expectItsReceipts(message, seen);
    }
    const known = new Set(messages.map(({ id }) => id));
    expect(seen.filter(({ id }) => !known.has(id))).toEqual([]);
    expectFirstThingsFirst(seen, messages);
    for (const alertId of new Set(transitions.map((one) => one.alertId))) {
      const ofAlert = <T extends { alertId: string }>(all: readonly T[]) =>
        all.filter((one) => one.alertId === alertId);
      expectItsCourse(ofAlert(transitions), ofAlert(messages));
    }
    const { rows: open } = await this.#pool.query(
      `select id from analytics.alert_history where workflow <> 'resolved'
       union all select alert_id from analytics.alert_states where state ->> 'workflow' in ('open', 'acknowledged')`,
    );
    expect(open, 'alerts that are still open').toEqual([]);
  }

  /**
   * Each transition has a notice for every channel that the rule had then, unless it says what suppressed it.
   */
  #expectItsMessages(transition: Transition, messages: readonly Sent[]): void {
    const { id, name, notice, suppressedBy } = transition;
    const named = messages
      .filter(({ transitionId }) => transitionId === id)
      .map(({ channel, recipient }) => `${channel} ${recipient}`);
    if (notice === null) {
      expect(named).toEqual([]);
      if (name === 'resolved') expect(['silence', 'untold']).toContain(suppressedBy);
      else if (!/acknowledged/.test(name)) expect(['silence', 'catch_up']).toContain(suppressedBy);
      return;
    }
    expect(suppressedBy).toBeNull();
    if (/acknowledged/.test(name)) {
      expectOnlyThoseTold(transition, messages);
      return;
    }
    if (name === 'escalation_step') {
      expect(named, 'everybody inside the product').toContain('in_app *');
      expect(named.length, 'the recipients of the step').toBeGreaterThan(1);
      return;
    }
    const wanted = (this.#channels.get(id) ?? []).map(
      ({ channel, to }) => `${channel} ${to ?? (channel === 'in_app' ? '*' : 'default')}`,
    );
    expect(named, `${name} of ${id}`).toEqual(expect.arrayContaining(wanted));
  }
}

/** What a person did is told to those who got an earlier message of the alert, or may have got one, and to nobody else. */
function expectOnlyThoseTold({ id, alertId }: Transition, messages: readonly Sent[]): void {
  const ofAlert = messages.filter((one) => one.alertId === alertId && one.channel !== 'in_app');
  for (const { recipient, status } of ofAlert.filter(({ transitionId }) => transitionId === id)) {
    const earlier = ofAlert.filter(
      (one) => one.recipient === recipient && Number(one.transitionId) < Number(id),
    );
    expect(earlier.length, `${recipient} had an earlier message`).toBeGreaterThan(0);
    if (status === 'sent') expect(earlier.some(wasTold), `${recipient} was told before`).toBe(true);
  }
}

/** Each notice belongs to a transition. */
function expectItsTransition(message: Sent, transitions: readonly Transition[]): void {
  const { transitionId, alertId, notice } = message;
  expect(transitions.find(({ id }) => id === transitionId)).toMatchObject({ alertId, notice });
}

function wasTold({ status, ambiguous }: Sent): boolean {
  return status === 'sent' || ambiguous;
}

/** The condition that must hold for a cancelled message, by the reason that it gives. */
const cancelled: Record<string, (about: { happened: string[]; earlier: Sent[]; later: Sent[] }) => boolean> =
  {
    'the alert was over before the message could be sent': ({ happened }) => happened.includes('resolved'),
    // After the acknowledgement is taken back, a message stays unsent only if a later one would have replaced
    // it.
    'test acknowledged the alert before the message was sent': ({ happened, later }) =>
      happened.findLast((name) => /acknowledged$/.test(name)) === 'acknowledged' || later.length > 0,
    'the recipient was never told that the alert fired': ({ earlier }) => !earlier.some(wasTold),
    'a later message of the alert replaces it': ({ later }) => later.length > 0,
  };

/** Each message was sent, or gives a true reason why not. */
function expectItsEnd(message: Sent, messages: readonly Sent[], transitions: readonly Transition[]): void {
  const { status, failure, alertId, channel, recipient, transitionId } = message;
  if (status === 'sent' || status === 'expanded') return;
  if (status === 'dead') {
    expect(failure).toBe('the webhook answered 400: no such thing');
    return;
  }
  const about = messages.filter(
    (one) => one.alertId === alertId && one.channel === channel && one.recipient === recipient,
  );
  const happened = transitions.filter((one) => one.alertId === alertId).map(({ name }) => name);
  const earlier = about.filter((one) => Number(one.transitionId) < Number(transitionId));
  const later = about.filter((one) => Number(one.transitionId) > Number(transitionId));
  const isSo = cancelled[failure ?? '']?.({ happened, earlier, later });
  expect([status, failure, isSo]).toEqual(['cancelled', failure, true]);
}

/** A receiver took a message once; more often, or perhaps, only where the message is marked as ambiguous. */
function expectItsReceipts({ id, channel, status, ambiguous, recipient }: Sent, seen: readonly Seen[]) {
  if (channel !== 'webhook') return;
  const its = seen.filter((one) => one.id === id);
  expect(its.filter((one) => one.recipient !== recipient)).toEqual([]);
  const taken = its.filter(({ answer }) => answer === 'taken').length;
  const perhaps = its.filter(({ answer }) => ['failing', 'hanging', 'hanging up'].includes(answer)).length;
  if (status === 'sent') expect(taken, `${id} is said to be sent`).toBeGreaterThanOrEqual(1);
  if (taken + perhaps > (status === 'sent' ? 1 : 0)) expect(ambiguous, `${id} is marked`).toBe(true);
}

/** A recipient first hears that an alert fires, unless an ambiguous message may have told them before. */
function expectFirstThingsFirst(seen: readonly Seen[], messages: readonly Sent[]): void {
  const heard = new Set(
    messages.filter(({ ambiguous }) => ambiguous).map(({ alertId, recipient }) => `${alertId} ${recipient}`),
  );
  for (const { alertId, recipient, answer, says } of seen) {
    const key = `${alertId} ${recipient}`;
    if (!heard.has(key))
      expect(
        ['alert.firing', 'alert.escalation_step'],
        `the first notice that ${recipient} receives`,
      ).toContain(says);
    if (answer === 'taken') heard.add(key);
  }
}

/** An alert fires once and ends once. Everyone who was told that it fired is told that it ended. */
function expectItsCourse(transitions: readonly Transition[], messages: readonly Sent[]): void {
  const names = transitions.map(({ name }) => name);
  expect(names[0]).toBe('firing');
  expect(names.filter((name) => name === 'firing')).toHaveLength(1);
  expect(names.filter((name) => name === 'resolved')).toHaveLength(1);
  expect(names.at(-1)).toBe('resolved');
  expect(names.filter((name) => name === 'escalation_step').length, 'steps').toBeLessThanOrEqual(MOST_STEPS);
  const end = transitions.at(-1);
  const told = messages.filter((one) => one.notice !== 'resolved');
  if (end?.suppressedBy === 'untold') expect(told).toEqual([]);
  for (const over of messages.filter(({ notice, status }) => notice === 'resolved' && status === 'sent')) {
    const before = told.filter((one) => one.channel === over.channel && one.recipient === over.recipient);
    expect(before.some(wasTold), `${over.recipient} knew that the alert fired`).toBe(true);
  }
  if (!end?.notice) return;
  for (const { channel, recipient } of told.filter(wasTold)) {
    const over = messages.find(
      (one) => one.notice === 'resolved' && one.channel === channel && one.recipient === recipient,
    );
    expect(['sent', 'dead'], `${recipient} is told that the alert ended`).toContain(over?.status);
  }
}
