import { createHash } from 'node:crypto';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { captionOf } from '../../chart/chart-values.ts';
import { drawChart } from '../../chart/draw-chart.ts';
import { countsOf, eventOfAll, factsOfAll, statementOfAll } from '../../notice/many.ts';
import { isUrgent } from '../../notice/notice.ts';
import { eventOf, oneLine, stateOf, titleOf } from '../../notice/wording.ts';
import { type Channel, type Delivery, DeliveryError } from '../channel.ts';
import { CHART_ID, emailHtml } from './email-html.ts';

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

/** The mail of a delivery. All mails refer to one id, which no mail has: so they are one thread, whatever their subjects. */
function mailOf(delivery: Delivery, domain: string): SendMailOptions {
  const { id, notice, recipient, chart } = delivery;
  const root = `<${threadOf(delivery)}@${domain}>`;
  return {
    to: { name: '', address: recipient },
    subject: oneLine(subjectOf(delivery), SUBJECT_MOST),
    messageId: `<${id}@${domain}>`,
    inReplyTo: root,
    references: root,
    headers: { 'Auto-Submitted': 'auto-generated' },
    priority: notice.severity === 'critical' && isUrgent(notice) ? 'high' : 'normal',
    text: textOf(delivery),
    html: emailHtml(delivery),
    ...(chart &&
      captionOf(notice, chart) !== undefined && {
        attachments: [
          { filename: 'chart.png', content: drawChart(chart), contentType: 'image/png', cid: CHART_ID },
        ],
      }),
  };
}

/** The rule and the group, not their names: a rule that is renamed stays in its thread, and so does an alert that returns. */
function threadOf({ notice, recipient, others }: Delivery): string {
  const { configId, group, month, orgId } = notice;
  const isOneRule = (others ?? []).every((one) => one.configId === configId);
  const parts = month
    ? [month.schedule, month.period]
    : others
      ? ['several', isOneRule ? configId : orgId]
      : [configId, ...Object.entries(group).sort().flat()];
  return createHash('sha256')
    .update(JSON.stringify([recipient, ...parts]))
    .digest('base64url');
}

function subjectOf(delivery: Delivery): string {
  const { notice, others } = delivery;
  if (notice.month) return `Export: ${eventOf(notice)}`;
  if (others) {
    const counts = `[${countsOf(delivery).toUpperCase()}] ${notice.severity}, ${notice.orgId ?? 'all orgs'}: `;
    return `${counts}${eventOfAll(delivery, SUBJECT_MOST - counts.length)}`;
  }
  const state = `[${stateOf(notice)}] ${notice.severity}, ${notice.orgId ?? 'all orgs'}: `;
  return `${state}${titleOf(notice, SUBJECT_MOST - state.length)}`;
}

function textOf(delivery: Delivery): string {
  const { notice, links, timezone, chart, others } = delivery;
  const facts = factsOfAll(delivery, timezone);
  const caption = chart && captionOf(notice, chart, timezone);
  const width = Math.max(...facts.map(([label]) => label.length)) + 2;
  return [
    `${oneLine(eventOfAll(delivery), 500)}.`,
    '',
    `${oneLine(statementOfAll(delivery), LINE_MOST)}.`,
    ...(notice.description === undefined || others ? [] : ['', oneLine(notice.description, LINE_MOST)]),
    '',
    ...facts.map(([label, value]) => `${`${label}:`.padEnd(width)}${oneLine(value, 500)}`),
    ...(caption === undefined ? [] : ['', caption]),
    ...(links.alert === undefined ? [] : ['', `Open: ${links.alert}`]),
    ...(links.acknowledge === undefined ? [] : ['', `Acknowledge: ${links.acknowledge}`]),
    ...(notice.runbookUrl === undefined || others ? [] : ['', `Runbook: ${notice.runbookUrl}`]),
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
