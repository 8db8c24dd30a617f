import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { orNull } from '../fields/nullable.ts';
import { settleUnions } from './union-faults.ts';

const check = Compile(
  Type.Object({
    cents: Type.Optional(orNull(Type.Number({ minimum: 0 }))),
    name: Type.Optional(Type.Union([orNull(Type.String({ minLength: 1 })), Type.Number()])),
    read: Type.Optional(
      Type.Union([
        Type.Object({ ids: Type.Array(Type.String(), { minItems: 1 }) }, { additionalProperties: false }),
        Type.Object({ all: Type.Literal(true) }, { additionalProperties: false }),
      ]),
    ),
    list: Type.Optional(Type.Array(orNull(Type.Number()))),
  }),
);

function faults(value: unknown) {
  return settleUnions(check.Errors(value)).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test.for<[unknown, string[]]>([
  [{ cents: -1 }, ['/cents must be >= 0']],
  [{ cents: 'one' }, ['/cents must be number or null']],
  [{ name: '' }, ['/name must not have fewer than 1 characters']],
  [{ name: true }, ['/name must be string or null or number']],
  [{ read: { ids: [] } }, ['/read/ids must not have fewer than 1 items']],
  [{ read: 7 }, ['/read must be object']],
  [{ list: [1, 'two', null, true] }, ['/list/1 must be number or null', '/list/3 must be number or null']],
  [{ cents: -1, name: '' }, ['/cents must be >= 0', '/name must not have fewer than 1 characters']],
  [{ cents: null, list: [] }, []],
])('each fault of %j is named once', ([value, expected]) => {
  expect(faults(value)).toEqual(expected);
});
