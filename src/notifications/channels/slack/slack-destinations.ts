import type { Config } from '../../../config.ts';
import { ALL_ORGS } from '../../../events/all-orgs.ts';

/** The destination of Slack notices without a name. */
export const DEFAULT_SLACK = 'analytics';

type SlackSettings = Pick<Config, 'slackWebhook' | 'slackWebhooks'>;

/** A Slack webhook. Its URL is a secret: rules and preferences use only its name. */
interface SlackDestination {
  /** The only org that may use it; `undefined`: every org may. */
  orgId: string | undefined;
  name: string;
  url: string;
}

function destinationsOf({ slackWebhook, slackWebhooks }: SlackSettings): SlackDestination[] {
  const everyones = { orgId: undefined, name: DEFAULT_SLACK };
  return [...slackWebhooks, ...(slackWebhook === undefined ? [] : [{ ...everyones, url: slackWebhook }])];
}

/** Finds the URL of a destination for an org; `null`: for a rule over all orgs. */
export type SlackUrlOf = (name: string, orgId: string | null) => string | undefined;

/**
 * The URLs of the destinations; `undefined`: there is none. An org uses its own destinations, and those of every org.
 * Of two with one name it uses its own.
 */
export function slackUrls(settings: SlackSettings): SlackUrlOf | undefined {
  const destinations = destinationsOf(settings);
  if (destinations.length === 0) return undefined;
  const urlIn = (name: string, orgId: string | undefined) =>
    destinations.findLast((one) => one.name === name && one.orgId === orgId)?.url;
  return (name, orgId) => urlIn(name, orgId ?? ALL_ORGS) ?? urlIn(name, undefined);
}

/** The names of the destinations that an org may use; `undefined` in a process that does not know them. */
export type SlackNames = (orgId: string | null) => readonly string[] | undefined;

/** A process that sends nothing and has no such setting does not know the destinations. */
export function knownSlackNames(config: SlackSettings & Pick<Config, 'roles'>): SlackNames {
  const destinations = destinationsOf(config);
  if (destinations.length === 0 && !config.roles.includes('worker')) return () => undefined;
  return (orgId) => {
    const usable = destinations.filter((one) => one.orgId === undefined || one.orgId === (orgId ?? ALL_ORGS));
    return [...new Set(usable.map(({ name }) => name))].sort();
  };
}

/** The fault of a name, in words; `undefined`: the name exists, or this process cannot know. */
export function faultOfSlackName(name: string, known: readonly string[] | undefined): string | undefined {
  if (known === undefined || known.includes(name)) return undefined;
  return known.length === 0
    ? 'is no Slack webhook: none is set up; set SLACK_ANALYTICS_WEBHOOK or SLACK_WEBHOOKS'
    : `is no Slack webhook; use one of: ${known.join(', ')}`;
}
