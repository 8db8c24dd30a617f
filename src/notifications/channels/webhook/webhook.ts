import { Webhook } from 'standardwebhooks';
import type { Clock } from '../../../time.ts';
import type { Notice } from '../../notice/notice.ts';
import { statementOf } from '../../notice/statement.ts';
import { eventOf } from '../../notice/wording.ts';
import { type Channel, DeliveryError } from '../channel.ts';
import { failureOfAnswer, type Outbound } from '../outbound.ts';
import { type EndpointOf, endpointFor } from './endpoint-for.ts';

/**
 * Signed webhooks after https://www.standardwebhooks.com/. The receiver checks `webhook-signature` over `webhook-id`,
 * `webhook-timestamp` and the body, and recognises a repetition by its id.
 * @param endpointOf the current endpoint of a name
 */
export function createWebhook(outbound: Outbound, clock: Clock, endpointOf: EndpointOf): Channel {
  return {
    name: 'webhook',
    async send({ id, notice, recipient, orgId, links }, signal) {
      const endpoint = await endpointFor(endpointOf, { name: recipient, orgId, what: 'webhook' });
      const now = new Date(clock.now());
      const body = JSON.stringify({
        type: typeOf(notice),
        timestamp: notice.at,
        data: { ...dataOf(notice), summary: eventOf(notice), statement: statementOf(notice), links },
      });
      const answer = await outbound.request(endpoint.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Tidemark',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
          'webhook-signature': new Webhook(endpoint.secret).sign(id, now, body),
        },
        body,
        signal,
        ...(orgId !== null && { owner: orgId }),
      });
      if (answer.status >= 300 && answer.status < 400) {
        throw new DeliveryError(`the webhook answered ${answer.status}: redirects are not followed`, {
          retryable: false,
        });
      }
      const failure = failureOfAnswer('the webhook', answer);
      if (failure) throw failure;
      return {};
    },
  };
}

function typeOf({ kind, month, evaluation }: Notice): string {
  if (month) return `export.${kind}`;
  return evaluation ? kind.replace('_', '.') : `alert.${kind}`;
}

/** A notice about a month or about a rule has no evidence of an alert. */
function dataOf(notice: Notice): object {
  const { kind, orgId, severity, at, month, evaluation, configId, name, metric } = notice;
  if (evaluation) return { kind, orgId, severity, at, configId, name, metric, ...evaluation };
  return month ? { kind, orgId, severity, at, ...month } : notice;
}
