import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { freshnessQuery } from '../api/shared-queries.ts';
import { colourOf, coloursOf } from '../colour/palette.ts';

/** The models of an org, by name. Empty until they are known. */
export function useModels(org: string): readonly string[] {
  const { data } = useQuery(freshnessQuery(org));
  return useMemo(() => data?.entries.map(({ modelId }) => modelId) ?? [], [data]);
}

/** The colour of each model of an org: the same on every page. */
export function useModelColours(org: string): (model: string) => string {
  const models = useModels(org);
  return useMemo(() => {
    const colours = coloursOf(models);
    return (model) => colours.get(model) ?? colourOf(model);
  }, [models]);
}
