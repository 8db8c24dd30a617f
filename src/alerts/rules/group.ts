/** One group of a rule: the values of the dimensions it is grouped by, in the order of the rule. */
export type Group = Readonly<Record<string, string>>;

/** The value of a dimension that an event does not have. */
const NO_VALUE = '(none)';

/** The key of a group within its rule; that of `{}` if the rule does not group. */
export function keyOfGroup(group: Group): string {
  return JSON.stringify(group);
}

export function groupOf(names: readonly string[], values: readonly (string | null)[]): Group {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? NO_VALUE]));
}

/** The group of a stored key. */
export function groupOfKey(key: string): Group {
  return JSON.parse(key) as Group;
}

/** The values that a group has: without the dimensions that its events do not have. */
export function valuesOfGroup(group: Group): Record<string, string> {
  return Object.fromEntries(Object.entries(group).filter(([, value]) => value !== NO_VALUE));
}
