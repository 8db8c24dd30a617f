import { oneOf, readShared, type SharedSearch } from '../../url/search.ts';

export const groupings = ['pipeline', 'provider', 'operation'] as const;
export type Grouping = (typeof groupings)[number];
export const measures = ['jobs', 'costCents', 'durationP95Ms'] as const;
export type Measure = (typeof measures)[number];

export interface MlSearch extends SharedSearch {
  group?: Grouping;
  measure?: Measure;
  pipeline?: string;
  sort?: string;
}

export function readMl(search: Record<string, unknown>): MlSearch {
  const group = oneOf(groupings, search.group);
  const measure = oneOf(measures, search.measure);
  const { pipeline, sort } = search;
  return {
    ...readShared(search),
    ...(group !== undefined && { group }),
    ...(measure !== undefined && { measure }),
    ...(typeof pipeline === 'string' && pipeline !== '' && { pipeline }),
    ...(typeof sort === 'string' && { sort }),
  };
}
