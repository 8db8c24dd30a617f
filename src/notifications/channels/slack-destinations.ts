import type { Config } from '../../config.ts';

/** The destination that Slack's notices go to unless a name is given. */
export const DEFAULT_SLACK = 'analytics';

type SlackSettings = Pick<Config, 'slackWebhook' | 'slackWebhooks'>;

/** The URLs of Slack's webhooks, which are secrets, by the names that rules and preferences know them by. */
export function slackUrls({ slackWebhook, slackWebhooks }: SlackSettings): ReadonlyMap<string, string> {
  return new Map([
    ...slackWebhooks,
    ...(slackWebhook === undefined ? [] : ([[DEFAULT_SLACK, slackWebhook]] as const)),
  ]);
}

/** The names there are; `undefined` in a process that sends nothing and has not been told of any. */
export function knownSlackNames(
  config: SlackSettings & Pick<Config, 'roles'>,
): readonly string[] | undefined {
  const names = [...slackUrls(config).keys()].sort();
  return names.length > 0 || config.roles.includes('worker') ? names : undefined;
}

/** What is wrong with a name, in words; `undefined` where it is known, or cannot be told here. */
export function faultOfSlackName(name: string, known: readonly string[] | undefined): string | undefined {
  if (known === undefined || known.includes(name)) return undefined;
  return known.length === 0
    ? 'names no Slack webhook; there is none: SLACK_ANALYTICS_WEBHOOK and SLACK_WEBHOOKS set them up'
    : `names no Slack webhook; there are: ${known.join(', ')}`;
}
