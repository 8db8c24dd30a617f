import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { Settings } from 'typebox/system';
import { type CodedError, type Fault, refuse } from '../../errors.ts';
import { isStorable } from '../../plain-text.ts';
import { settleUnions } from './union-faults.ts';

// Every kind of a union adds failures. After the library's default of eight, the failure of the union can be missing.
Settings.Set({ maxErrors: 200 });

type HttpPart = 'body' | 'querystring' | 'params' | 'headers';

type Properties = Record<string, { type?: string; enum?: readonly unknown[] }>;

type Shape = TSchema & { properties?: Properties };

const PLACES: Record<HttpPart, string> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
};

/** Compiles a schema into a validator for Fastify. It reads numbers and booleans from the texts of a query or a path. */
export function compileValidator({ schema, httpPart }: { schema: unknown; httpPart?: string }) {
  const part = httpPart as HttpPart;
  const shape = schema as Shape;
  const properties = shape.properties ?? {};
  const check = Compile(shape);

  return (given: unknown): { value: unknown } | { error: CodedError } => {
    const value = part === 'body' ? given : readTexts(given as Record<string, unknown>, properties);
    const faults = check.Check(value)
      ? unstorableTexts(value, part === 'body' ? '$' : '', part)
      : settleUnions(check.Errors(value)).flatMap((error) => faultsOf(error, part, shape));
    if (part === 'querystring') nameRepeated(faults, given as Record<string, unknown>);
    if (faults.length === 0) return { value };
    return { error: refuse(`In the ${PLACES[part]}`, faults) };
  };
}

/** Converts a text to the number or boolean that the schema wants, if it is one. Every other text stays. */
function readTexts(given: Record<string, unknown>, properties: Record<string, { type?: string }>) {
  const read: Record<string, unknown> = { ...given };
  for (const [name, { type }] of Object.entries(properties)) {
    const text = read[name];
    if (typeof text !== 'string') continue;
    if ((type === 'integer' || type === 'number') && /^-?\d{1,15}(\.\d{1,15})?$/.test(text))
      read[name] = Number(text);
    if (type === 'boolean' && (text === 'true' || text === 'false')) read[name] = text === 'true';
  }
  return read;
}

/** For a parameter that is given more than once, that is the only fault that is named. */
function nameRepeated(faults: Fault[], query: Record<string, unknown>): void {
  for (const fault of faults) {
    const given = query[fault.path];
    if (Array.isArray(given)) fault.message = `is given ${given.length} times; give it once`;
  }
}

/** Texts that PostgreSQL cannot store: with NUL bytes, or with half of a surrogate pair. */
function unstorableTexts(value: unknown, path: string, part: HttpPart): Fault[] {
  if (typeof value === 'string') {
    if (isStorable(value)) return [];
    return [{ path, message: 'must not contain NUL bytes or lone surrogates' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([step, inner]) =>
    unstorableTexts(inner, join(path, step, part), part),
  );
}

function faultsOf(error: TLocalizedValidationError, part: HttpPart, shape: Shape): Fault[] {
  const path = pathOf(error.instancePath, part);
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.map((name) => ({
        path: join(path, name, part),
        message: isAtRoot(error) ? requiredMessage(shape.properties?.[name]) : 'is required',
      }));
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => ({
        path: join(path, name, part),
        message: 'is not known',
      }));
    case 'enum':
      return [{ path, message: `must be one of ${error.params.allowedValues.join(', ')}` }];
    case 'pattern':
      return [{ path, message: expectedAt(error.schemaPath, shape) ?? error.message }];
    // `additionalProperties` already names the field.
    case 'boolean':
      return [];
    case 'type':
    case 'minimum':
    case 'maximum':
    case 'minLength':
    case 'maxLength':
      return [{ path, message: boundsOf(schemaAt(error.schemaPath, shape), error.keyword) ?? error.message }];
    default:
      return [{ path, message: error.message }];
  }
}

interface Bounded {
  type?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  'x-expected'?: string;
}

/** The schema at a pointer such as `#/properties/percentile`. */
function schemaAt(schemaPath: string, shape: Shape): Bounded | undefined {
  let schema: unknown = shape;
  for (const step of schemaPath.split('/').slice(1))
    schema = (schema as Record<string, unknown> | undefined)?.[step];
  return schema as Bounded | undefined;
}

/** The words of a schema for its pattern (`x-expected`). */
function expectedAt(schemaPath: string, shape: Shape): string | undefined {
  const expected = schemaAt(schemaPath, shape)?.['x-expected'];
  return expected === undefined ? undefined : `must be ${expected}`;
}

/** The whole range that is allowed, not only the bound that was passed; `undefined` without both bounds. */
function boundsOf(schema: Bounded | undefined, keyword: string): string | undefined {
  const { type, minimum, maximum, minLength, maxLength } = schema ?? {};
  if (keyword.endsWith('Length'))
    return minLength === undefined || maxLength === undefined
      ? undefined
      : `must be text of ${minLength} to ${maxLength} characters`;
  if ((type !== 'integer' && type !== 'number') || minimum === undefined || maximum === undefined)
    return undefined;
  return `must be a ${type === 'integer' ? 'whole number' : 'number'} from ${minimum} to ${maximum}`;
}

function isAtRoot(error: TLocalizedValidationError): boolean {
  return error.instancePath === '';
}

function requiredMessage(schema: { enum?: readonly unknown[] } | undefined): string {
  return schema?.enum === undefined ? 'is required' : `is required; one of ${schema.enum.join(', ')}`;
}

/** A JSON pointer as a JSON path for a body (`$.orgs[0]`), as a name for everything else. */
function pathOf(pointer: string, part: HttpPart): string {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return steps.reduce((path, step) => join(path, step, part), part === 'body' ? '$' : '');
}

function join(path: string, step: string, part: HttpPart): string {
  if (part !== 'body') return path === '' ? step : `${path}.${step}`;
  return /^\d+$/.test(step) ? `${path}[${step}]` : `${path}.${step}`;
}
