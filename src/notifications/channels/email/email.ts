import { createTransport, type SendMailOptions } from 'nodemailer';
import type { Notice } from '../../notice/notice.ts';
import { statementOf } from '../../notice/statement.ts';
import { eventOf, factsOf, oneLine, titleOf } from '../../notice/wording.ts';
import { type Channel, type Delivery, DeliveryError } from '../channel.ts';
import { emailHtml } from './email-html.ts';

export interface EmailAccount {
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  url: string;
  /** Sender, such as `Tidemark <alerts@example.com>`. */
  from: string;
}

const SUBJECT_MOST = 150;
/** The longest line of the text: it has room for the longest note that people can leave. */
const LINE_MOST = 2_500;
const CONNECT_MS = 10_000;

/** Email over SMTP. All notices of one alert are one thread. */
export function createEmail({ url, from }: EmailAccount): Channel & { close(): void } {
  const transport = createTransport({
    url,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: 2 * CONNECT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    name: 'email',
    async send(delivery, signal) {
      const sending = transport.sendMail({ ...mailOf(delivery, domainOf(from)), from });
      // The result no longer matters after the signal has aborted.
      sending.catch(() => {});
      try {
        const { messageId } = await Promise.race([sending, givenUp(signal)]);
        return { providerId: messageId };
      } catch (error) {
        throw failureOf(error);
      }
    },
    close: () => transport.close(),
  };
}

function domainOf(from: string): string {
  return /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost';
}

function givenUp(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const refuse = () => reject(signal.reason);
    if (signal.aborted) refuse();
    else signal.addEventListener('abort', refuse, { once: true });
  });
}

/** The mail of a delivery. The subject stays the same for the whole alert, because mail programs thread by it too. */
function mailOf({ id, notice, recipient, links }: Delivery, domain: string): SendMailOptions {
  // The id of the first mail of a thread is computed, so that later mails can refer to it.
  const root = `<${notice.alertId}.${Buffer.from(recipient).toString('base64url')}@${domain}>`;
  const isFirst = notice.kind === 'firing' || notice.month !== undefined;
  const title = notice.month ? `Export: ${eventOf(notice)}` : `Alert: ${titleOf(notice)}`;
  const subject = oneLine(title, SUBJECT_MOST);
  return {
    to: { name: '', address: recipient },
    subject: isFirst ? subject : `Re: ${subject}`,
    messageId: isFirst ? root : `<${id}@${domain}>`,
    ...(!isFirst && { inReplyTo: root, references: root }),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Entity-Ref-ID': notice.alertId },
    priority: notice.severity === 'critical' && notice.kind !== 'resolved' ? 'high' : 'normal',
    text: textOf(notice, links),
    html: emailHtml(notice, links),
  };
}

function textOf(notice: Notice, links: Delivery['links']): string {
  const facts = factsOf(notice);
  const width = Math.max(...facts.map(([label]) => label.length)) + 2;
  return [
    `${oneLine(eventOf(notice), 500)}.`,
    '',
    `${oneLine(statementOf(notice), LINE_MOST)}.`,
    '',
    ...facts.map(([label, value]) => `${`${label}:`.padEnd(width)}${oneLine(value, 500)}`),
    ...(links.alert === undefined ? [] : ['', `Open: ${links.alert}`]),
    ...(links.acknowledge === undefined ? [] : ['', `Acknowledge: ${links.acknowledge}`]),
    '',
  ].join('\n');
}

/** SMTP's 4xx and connection errors are retried. A permanent refusal (5xx) of a recipient or a text is not. */
function failureOf(error: unknown): DeliveryError {
  const { name, message, responseCode, command, code } = error as Error & {
    responseCode?: number;
    command?: string;
    code?: unknown;
  };
  const refusedForGood = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH';
  const timedOut = name === 'TimeoutError' || name === 'AbortError';
  return new DeliveryError(timedOut ? 'no answer in time' : oneLine(message, 300), {
    retryable: !refusedForGood,
    // Once the text was being sent, nobody knows whether the server has accepted it.
    ambiguous: timedOut || (responseCode === undefined && command === 'DATA'),
    cause: error,
  });
}
