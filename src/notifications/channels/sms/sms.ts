import { type Channel, DeliveryError, type Receipt } from '../channel.ts';
import { failureOfAnswer, type Outbound } from '../outbound.ts';
import { textOf } from './sms-text.ts';

export interface TwilioAccount {
  accountSid: string;
  authToken: string;
  /** The number, or the messaging service (`MG…`), that messages come from. */
  from: string;
  /** Such as https://api.twilio.com. */
  baseUrl: string;
  /** Beginnings of the numbers that may get SMS; empty: every number may. */
  prefixes: readonly string[];
}

/** SMS by Twilio's Messages resource. */
export function createSms(outbound: Outbound, account: TwilioAccount): Channel {
  return {
    name: 'sms',
    async send(delivery, signal): Promise<Receipt> {
      const { recipient, links } = delivery;
      const { accountSid, authToken, from, baseUrl, prefixes } = account;
      const fault = faultOfNumber(recipient, prefixes);
      if (fault !== undefined)
        throw new DeliveryError(`the number ${recipient} ${fault}`, { retryable: false });
      const answer = await outbound.request(
        `${baseUrl.replace(/\/$/, '')}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`,
        {
          method: 'POST',
          headers: {
            authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
            'content-type': 'application/x-www-form-urlencoded',
          },
          body: new URLSearchParams({
            To: recipient,
            [from.startsWith('MG') ? 'MessagingServiceSid' : 'From']: from,
            Body: textOf(delivery, links.alert),
          }).toString(),
          signal,
          trusted: true,
        },
      );
      const failure = failureOfAnswer('Twilio', answer);
      if (failure) throw failure;
      return receiptOf(answer.body);
    },
  };
}

/** What is wrong with a number to which no SMS may go. The words continue a sentence that begins with the number. */
export function faultOfNumber(number: string, prefixes: readonly string[]): string | undefined {
  if (prefixes.length === 0 || prefixes.some((prefix) => number.startsWith(prefix))) return undefined;
  return `must begin with one of ${prefixes.join(', ')}, which the setting SMS_PREFIXES allows`;
}

function receiptOf(body: string): Receipt {
  try {
    const { sid } = JSON.parse(body) as { sid?: unknown };
    if (typeof sid === 'string') return { providerId: sid };
  } catch {
    // Handled below, as an answer that names no message.
  }
  throw new DeliveryError('Twilio answered without the id of the message', {
    retryable: true,
    ambiguous: true,
  });
}
