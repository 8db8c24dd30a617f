import { colourOf, coloursOf } from '../../colour/palette.ts';
import { type Grouping, isLabel, labelKey } from '../../usage/usage.ts';
import { words } from '../../words/usage.ts';

const fields = {
  model: 'modelId',
  client: 'clientId',
  provider: 'provider',
  serviceTier: 'serviceTier',
} as const;

type Named = { [Field in (typeof fields)[keyof typeof fields]]?: string | null } & {
  labels?: Record<string, string | null>;
};

/** The group of a point; empty for calls that do not tell it. */
export function groupOf(point: Named, group: Grouping): string {
  if (isLabel(group)) return point.labels?.[labelKey(group)] ?? '';
  return point[fields[group]] ?? '';
}

interface GroupPoint extends Named {
  invocations: number;
  rest?: true;
}

/** The colours of groups that are no models, given together, so that no two of the first eight are alike. */
export function groupColours(points: readonly GroupPoint[], group: Grouping): (name: string) => string {
  const used = points.filter(({ invocations, rest }) => invocations > 0 && rest !== true);
  const colours = coloursOf(used.map((point) => groupOf(point, group)));
  return (name) => colours.get(name) ?? colourOf(name);
}

/** A grouping in words; a label by its key. */
export function groupingText(group: Grouping): string {
  return isLabel(group) ? words.label(labelKey(group)) : words.groupings[group];
}
