import { Agent, request } from 'undici';
import type { Config } from '../config.ts';
import { environmentProxy } from '../environment-proxy.ts';
import { SECOND } from '../time.ts';
import { bad, type Check, type Finding, ok } from './check.ts';

const TIMEOUT = 8 * SECOND;

interface Site {
  name: string;
  url: string;
  advice: string;
  /** What the status of the answer means. Any answer proves that the host can be reached. */
  judge?: (status: number) => Finding | undefined;
  headers?: Record<string, string>;
  /** Whether the service reaches it without the proxy of HTTP_PROXY and HTTPS_PROXY. */
  direct?: boolean;
}

/** Looks at the web addresses that the settings name, by a request that changes nothing. */
export function webChecks(config: Config): Check[] {
  return sitesOf(config).map((site) => ({
    name: site.name,
    advice: site.advice,
    look: () => visit(site),
  }));
}

function sitesOf(config: Config): Site[] {
  const { prometheusUrl, jwksUrl, oidcIssuer, slackWebhook, slackWebhooks, otlpEndpoint } = config;
  const sites: Site[] = [];
  if (prometheusUrl)
    sites.push({
      name: 'Prometheus',
      url: `${prometheusUrl.replace(/\/+$/, '')}/api/v1/query?query=1`,
      advice: 'Check PROMETHEUS_URL. It is the address of the server, without /api.',
      judge: mustSucceed,
    });
  if (jwksUrl)
    sites.push({
      name: 'JWKS_URL',
      url: jwksUrl,
      advice: 'Check JWKS_URL. Without its keys no token is accepted.',
      judge: mustSucceed,
    });
  if (oidcIssuer)
    sites.push({
      name: 'OIDC_ISSUER',
      url: `${oidcIssuer.replace(/\/+$/, '')}/.well-known/openid-configuration`,
      advice: 'Check OIDC_ISSUER. Without its configuration nobody can sign in through it.',
      judge: mustSucceed,
    });
  if (otlpEndpoint)
    sites.push({
      name: 'OpenTelemetry',
      url: otlpEndpoint,
      advice: 'Check OTEL_EXPORTER_OTLP_ENDPOINT.',
      direct: true,
    });
  const destinations = slackWebhook
    ? [{ name: 'analytics', url: slackWebhook }, ...slackWebhooks]
    : slackWebhooks;
  for (const { name, url } of destinations)
    sites.push({
      name: `Slack: ${name}`,
      // The address itself is the secret, and a visit could send something. So only the host is looked at.
      url: new URL(url).origin,
      advice: 'Let this machine reach the host over HTTPS. Whether the webhook is valid is not checked.',
    });
  return [...sites, ...twilioOf(config)];
}

function twilioOf({ twilioAccountSid, twilioAuthToken, twilioBaseUrl }: Config): Site[] {
  if (twilioAccountSid === undefined || twilioAuthToken === undefined) return [];
  const credentials = Buffer.from(`${twilioAccountSid}:${twilioAuthToken}`).toString('base64');
  return [
    {
      name: 'Twilio',
      url: `${twilioBaseUrl.replace(/\/+$/, '')}/2010-04-01/Accounts/${twilioAccountSid}.json`,
      advice: 'Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, and that this machine reaches the host.',
      headers: { authorization: `Basic ${credentials}` },
      judge: mustSucceed,
    },
  ];
}

function mustSucceed(status: number): Finding | undefined {
  if (status < 300) return undefined;
  return bad(`it answers with status ${status}`, 'Check the address and the credentials.');
}

async function visit({ url, headers = {}, judge = () => undefined, direct = false }: Site): Promise<Finding> {
  const dispatcher = direct ? new Agent() : environmentProxy();
  try {
    const { statusCode, body } = await request(url, {
      ...{ headers, dispatcher },
      headersTimeout: TIMEOUT,
      bodyTimeout: TIMEOUT,
      signal: AbortSignal.timeout(TIMEOUT),
    });
    await body.dump();
    return judge(statusCode) ?? ok(`it answers with status ${statusCode}`);
  } finally {
    await dispatcher.destroy();
  }
}
