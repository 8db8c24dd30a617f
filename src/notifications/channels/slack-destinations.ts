import type { Config } from '../../config.ts';

/** The destination of Slack notices without a name. */
export const DEFAULT_SLACK = 'analytics';

type SlackSettings = Pick<Config, 'slackWebhook' | 'slackWebhooks'>;

/** The URLs of the Slack webhooks by name. The URLs are secrets: rules and preferences use only the names. */
export function slackUrls({ slackWebhook, slackWebhooks }: SlackSettings): ReadonlyMap<string, string> {
  return new Map([
    ...slackWebhooks,
    ...(slackWebhook === undefined ? [] : ([[DEFAULT_SLACK, slackWebhook]] as const)),
  ]);
}

/** The names of the Slack destinations; `undefined` in a process that sends nothing and has no such setting. */
export function knownSlackNames(
  config: SlackSettings & Pick<Config, 'roles'>,
): readonly string[] | undefined {
  const names = [...slackUrls(config).keys()].sort();
  return names.length > 0 || config.roles.includes('worker') ? names : undefined;
}

/** The fault of a name, in words; `undefined`: the name exists, or this process cannot know. */
export function faultOfSlackName(name: string, known: readonly string[] | undefined): string | undefined {
  if (known === undefined || known.includes(name)) return undefined;
  return known.length === 0
    ? 'is no Slack webhook: none is set up; set SLACK_ANALYTICS_WEBHOOK or SLACK_WEBHOOKS'
    : `is no Slack webhook; use one of: ${known.join(', ')}`;
}
