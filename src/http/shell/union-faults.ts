import type { TLocalizedValidationError as Failure } from 'typebox/error';

/**
 * Tells of each union what is wrong with the one of its kinds that was meant, where the validator tells what is wrong
 * with all of them, and that none fits. Pure.
 * @param failures as the validator has them: those of the kinds of a union come before that of the union
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

/** Meant is the kind of the value's own type with the fewest faults; where there is none, any of the types is right. */
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
