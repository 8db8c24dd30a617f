/** A field that a change has changed. `undefined` is one that is not there. */
export interface FieldChange {
  /** `scope.models[0]`; empty if the whole value is no object. */
  path: string;
  before: string | undefined;
  after: string | undefined;
}

/** The fields that differ between two values, in the order of the later one. */
export function differences(before: unknown, after: unknown): FieldChange[] {
  const [earlier, later] = [fieldsOf(before), fieldsOf(after)];
  return [...new Set([...later.keys(), ...earlier.keys()])]
    .map((path) => ({ path, before: earlier.get(path), after: later.get(path) }))
    .filter((change) => change.before !== change.after);
}

/** Every value with its path. An empty list is a value, so that its last entry does not vanish without a word. */
function fieldsOf(value: unknown, path = '', fields = new Map<string, string>()): Map<string, string> {
  if (value === null || value === undefined) {
    if (path !== '') fields.set(path, 'null');
    return fields;
  }
  if (typeof value !== 'object') return fields.set(path, String(value));
  const entries = Object.entries(value);
  if (entries.length === 0 && path !== '') fields.set(path, Array.isArray(value) ? '[]' : '{}');
  for (const [name, part] of entries) {
    const at = Array.isArray(value) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    fieldsOf(part, at, fields);
  }
  return fields;
}
