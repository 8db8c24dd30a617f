import type { TLocalizedValidationError as Failure } from 'typebox/error';

/**
 * Keeps, for each union, the failures of the one kind that the caller meant. The validator reports the failures of every
 * kind, and then that none fits. Pure.
 * @param failures in the order of the validator: the failures of the kinds come before the failure of their union
 */
export function settleUnions(failures: readonly Failure[]): Failure[] {
  const settled: Failure[] = [];
  for (const failure of failures) {
    if (failure.keyword !== 'anyOf') {
      settled.push(failure);
      continue;
    }
    const below = `${failure.schemaPath}/anyOf/`;
    const first = settled.findIndex(({ schemaPath }) => schemaPath.startsWith(below));
    const ofKinds = first === -1 ? [] : settled.splice(first);
    const kindOf = ({ schemaPath }: Failure) => schemaPath.slice(below.length).split('/', 1)[0];
    settled.push(...ofOneKind(failure, [...Map.groupBy(ofKinds, kindOf).values()]));
  }
  return settled;
}

/** The caller meant the kind with the type of the value and the fewest failures. If no type fits, all are named. */
function ofOneKind(union: Failure, kinds: readonly Failure[][]): readonly Failure[] {
  const isOfType = (failure: Failure) =>
    failure.keyword === 'type' && failure.instancePath === union.instancePath;
  const meant = kinds
    .filter((ofKind) => !ofKind.some(isOfType))
    .toSorted((a, b) => a.length - b.length)
    .at(0);
  if (meant) return meant;
  const types = kinds.flat().flatMap((failure) => (failure.keyword === 'type' ? failure.params.type : []));
  if (types.length === 0) return [union];
  return [
    {
      ...union,
      keyword: 'type',
      params: { type: types },
      message: `must be ${[...new Set(types)].join(' or ')}`,
    } as Failure,
  ];
}
