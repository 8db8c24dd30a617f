import type { Grouping } from '../../usage/usage.ts';

const fields = {
  model: 'modelId',
  client: 'clientId',
  provider: 'provider',
  serviceTier: 'serviceTier',
} as const;

type Named = { [Field in (typeof fields)[Grouping]]?: string | null };

/** The group of a point; empty for calls that do not tell it. */
export function groupOf(point: Named, group: Grouping): string {
  return point[fields[group]] ?? '';
}
