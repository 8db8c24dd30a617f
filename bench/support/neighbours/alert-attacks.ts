import { SECOND, sleep } from '../../../src/time.ts';
import { ATTACKER, type Attack, type Target } from './attacks.ts';
import { failingEvents, failingRule } from './breaches.ts';

const RULES = 2_000;
const ALERTS = 100;
const CONFIGS = '/api/v1/analytics/alerts/configs';

/** Calls the service as a person of the attacking org. @throws when the answer is no success */
async function ask({ service, admin }: Target, method: string, path: string, body?: unknown) {
  const answer = await fetch(service.address + path, {
    method,
    headers: {
      authorization: `Bearer ${admin}`,
      // Rules are imported as YAML, and JSON is YAML.
      ...(body !== undefined && {
        'content-type': path.includes('/import') ? 'application/yaml' : 'application/json',
      }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status}: ${said.slice(0, 300)}`);
  return said === '' ? undefined : JSON.parse(said);
}

/** Sends data again and again, so that rules are evaluated all the time. */
async function sendUntil(target: Target, signal: AbortSignal, models: readonly string[]): Promise<void> {
  while (!signal.aborted) {
    const events = models.flatMap((model) => failingEvents(ATTACKER, model));
    await ask(target, 'POST', '/analytics/v1/events', events);
    await sleep(SECOND);
  }
}

async function watchMuch(target: Target, signal: AbortSignal): Promise<void> {
  const rules = Array.from({ length: RULES }, (_, index) => ({
    ...{
      name: `Unusual ${index}`,
      metric: 'usage.count',
      type: 'anomaly',
      threshold: 3,
      severity: 'warning',
    },
    ...{ windowSeconds: 900, intervalSeconds: 60, onData: true, channels: [{ channel: 'in_app', to: '*' }] },
  }));
  await ask(target, 'POST', `${CONFIGS}/import?orgId=${ATTACKER}`, { alerts: rules });
  await sendUntil(target, signal, ['busy']);
  await removeRules(target);
}

async function hangNotices(target: Target, signal: AbortSignal): Promise<void> {
  const webhook = { name: 'hanging', url: target.hangingUrl };
  await ask(target, 'POST', `/api/v1/analytics/notifications/webhooks?orgId=${ATTACKER}`, webhook);
  await ask(target, 'POST', CONFIGS, failingRule(ATTACKER, 'hanging'));
  await sendUntil(
    target,
    signal,
    Array.from({ length: ALERTS }, (_, index) => `failing-${index}`),
  );
  await removeRules(target);
}

/** An import of no rules removes those that exist. */
async function removeRules(target: Target): Promise<void> {
  await ask(target, 'POST', `${CONFIGS}/import?orgId=${ATTACKER}&prune=true`, { alerts: [] });
}

export const alertAttacks: readonly Attack[] = [
  { name: `${ALERTS} critical alerts to a webhook that hangs`, run: hangNotices },
  { name: `${RULES} rules on anomalies, all due when data arrives`, run: watchMuch },
];
