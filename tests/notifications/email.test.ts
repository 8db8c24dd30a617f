import { text } from 'node:stream/consumers';
import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, test } from 'vitest';
import type { DeliveryError } from '../../src/notifications/channels/channel.ts';
import { createEmail } from '../../src/notifications/channels/email/email.ts';
import { makeDelivery, makeNotice } from '../support/alerting/notices.ts';
import { startSmtpServer } from '../support/servers/smtp-server.ts';

const mails: string[] = [];
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  mails.splice(0);
  for (const end of ends.splice(0)) await end();
});

/** An email channel to an SMTP server that keeps its mails, unless the options say otherwise. */
async function emailTo(options: SMTPServerOptions = {}) {
  const { url, close } = await startSmtpServer({
    onData: async (stream, _session, done) => {
      mails.push(await text(stream));
      done();
    },
    ...options,
  });
  const email = createEmail({ url, from: 'Tidemark <alerts@tidemark.example>' });
  ends.push(async () => {
    email.close();
    await close();
  });
  return email;
}

function patience() {
  return AbortSignal.timeout(20_000);
}

function delivery(given: Parameters<typeof makeNotice>[0] = {}, id = 'delivery-1') {
  return makeDelivery({ id, recipient: 'ada@acme.example', notice: makeNotice(given) });
}

function headerOf(mail = '', name: string): string | undefined {
  const [headers = ''] = mail.split('\r\n\r\n');
  return new RegExp(`^${name}:(.*)$`, 'im').exec(headers.replaceAll(/\r\n[ \t]+/g, ' '))?.[1]?.trim();
}

describe('an email', () => {
  test('gives the notice in text and in HTML', async () => {
    const email = await emailTo();
    await email.send(delivery({ name: 'Slow <b>answers</b>' }), patience());
    const [mail = ''] = mails;
    expect(headerOf(mail, 'To')).toContain('ada@acme.example');
    expect(headerOf(mail, 'From')).toBe('Tidemark <alerts@tidemark.example>');
    expect(headerOf(mail, 'Subject')).toBe('[FIRING] critical, acme: Slow <b>answers</b> (model gpt-4o)');
    expect(headerOf(mail, 'Auto-Submitted')).toBe('auto-generated');
    expect(mail).toContain('text/plain');
    const unfolded = mail.replaceAll('=\r\n', '').replaceAll('=3D', '=');
    expect(unfolded).toContain('usage.error_rate is 7.3 %, above 5 %.');
    expect(unfolded).toContain('<h1');
    expect(unfolded).toContain('Slow &lt;b&gt;answers&lt;/b&gt;');
    expect(unfolded).toContain('https://tidemark.example/ack/1?t=a&amp;s=b');
  });

  test('names the person who ended the alert and their note, in text and in HTML', async () => {
    const email = await emailTo();
    const ended = { kind: 'resolved', reason: 'by_person', actorId: 'eve', note: 'rolled back' } as const;
    await email.send(delivery(ended), patience());
    const unfolded = mails[0]?.replaceAll('=\r\n', '') ?? '';
    expect(unfolded).toContain('resolved by eve: "rolled back"; usage.error_rate was 7.3 %, above 5 %.');
    expect(unfolded).toContain('resolved by eve: &quot;rolled back&quot;; usage.error_rate was');
    expect(unfolded).not.toContain('no longer above');
  });

  test('is in one thread with earlier messages of the alert', async () => {
    const email = await emailTo();
    await email.send(delivery(), patience());
    await email.send(delivery({ kind: 'still_firing', name: 'Renamed' }, 'delivery-2'), patience());
    await email.send(delivery({ kind: 'resolved' }, 'delivery-3'), patience());
    const again = '0198f3a2-7f1e-7c51-9b0a-5d1f6c0a1b2d';
    await email.send(delivery({ alertId: again }, 'delivery-4'), patience());
    await email.send(delivery({ group: { model: 'claude' } }, 'delivery-5'), patience());
    const roots = mails.map((mail) => headerOf(mail, 'References'));
    expect(roots[0]).toMatch(/^<.+@tidemark\.example>$/);
    expect(mails.map((mail) => headerOf(mail, 'In-Reply-To'))).toEqual(roots);
    expect(roots.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => roots[0]));
    expect(roots[4]).not.toBe(roots[0]);
    expect(mails.map((mail) => headerOf(mail, 'Subject')).slice(1, 3)).toEqual([
      '[STILL FIRING] critical, acme: Renamed (model gpt-4o)',
      '[RESOLVED] critical, acme: Failing answers (model gpt-4o)',
    ]);
    const ids = mails.map((mail) => headerOf(mail, 'Message-ID'));
    expect(new Set([...ids, ...roots]).size).toBe(7);
  });

  test('explains itself, with a chart and the time on the clock of the recipient', async () => {
    const email = await emailTo();
    const said = { description: 'Ask the <vendor>.', runbookUrl: 'https://wiki.example/errors?a=1&b=2' };
    const points = [0.01, 0.02, 0.073].map((value, index) => ({ at: index * 60_000, value }));
    const given = { ...delivery(said), timezone: 'Europe/Berlin', chart: { points, threshold: 0.05 } };
    await email.send(given, patience());
    const unfolded = mails[0]?.replaceAll('=\r\n', '').replaceAll('=3D', '=') ?? '';
    expect(unfolded).toContain('Ask the &lt;vendor&gt;.');
    expect(unfolded).toContain('Ask the <vendor>.');
    expect(unfolded).toContain('Runbook: https://wiki.example/errors?a=1&b=2');
    expect(unfolded).toContain('href="https://wiki.example/errors?a=1&amp;b=2"');
    expect(unfolded).toContain('2026-11-20 11:00:00 +01:00 (Europe/Berlin)');
    expect(unfolded).toContain('usage.error_rate was between 1 % and 7.3 %; the threshold is 5 %.');
    const [, id] = /Content-Id: <(.+)>/i.exec(unfolded) ?? [];
    expect(unfolded).toContain(`src="cid:${id}"`);
    const image = /image\/png[\s\S]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+)/.exec(mails[0] ?? '')?.[1] ?? '';
    expect(Buffer.from(image, 'base64').subarray(1, 4).toString()).toBe('PNG');
  });

  test('has no additional headers, whatever the name of the rule', async () => {
    const email = await emailTo();
    await email.send(delivery({ name: 'x\r\nBcc: eve@evil.example\r\n\r\nhello' }), patience());
    const [mail = ''] = mails;
    expect(headerOf(mail, 'Bcc')).toBeUndefined();
    expect(headerOf(mail, 'Subject')).toBe(
      '[FIRING] critical, acme: x Bcc: eve@evil.example hello (model gpt-4o)',
    );
  });
});

describe('a server that', () => {
  const failure = async (options: SMTPServerOptions, signal = patience()): Promise<DeliveryError> => {
    const email = await emailTo(options);
    return email.send(delivery(), signal).then(
      () => expect.unreachable(),
      (error) => error as DeliveryError,
    );
  };
  const refusal = (code: number, message: string) =>
    Object.assign(new Error(message), { responseCode: code });

  test('is busy is tried again', async () => {
    const busy = await failure({
      onMailFrom: (_address, _session, done) => done(refusal(451, 'greylisted')),
    });
    expect(busy).toMatchObject({ retryable: true, ambiguous: false });
    expect(busy.message).toContain('greylisted');
  });

  test('does not know the recipient is not tried again', async () => {
    const unknown = await failure({
      onRcptTo: (_address, _session, done) => done(refusal(550, 'no such user')),
    });
    expect(unknown).toMatchObject({ retryable: false });
    expect(unknown.message).toContain('no such user');
  });

  test('breaks off before it confirms may have accepted the mail', async () => {
    const silent = await failure({ onData: (stream) => void stream.resume() }, AbortSignal.timeout(1_000));
    expect(silent).toMatchObject({ retryable: true, ambiguous: true });
  });

  test('does not listen has certainly not accepted the mail', async () => {
    const email = createEmail({ url: 'smtp://127.0.0.1:1', from: 'alerts@tidemark.example' });
    await expect(email.send(delivery(), patience())).rejects.toMatchObject({
      name: 'DeliveryError',
      retryable: true,
      ambiguous: false,
    });
    email.close();
  });
});
