import { Type } from 'typebox';

/** Query parameters of answers in CSV. */
export const csvParameters = {
  bom: Type.Optional(
    Type.Boolean({
      description:
        'true: the file begins with a byte order mark, which Excel needs to read UTF-8. Default false.',
    }),
  ),
  raw: Type.Optional(
    Type.Boolean({
      description:
        'true: texts stay as they are stored. By default a text that a spreadsheet would take for a formula gets a leading apostrophe.',
    }),
  ),
};

/** What a caller chose of them. */
export interface CsvChoices {
  bom?: boolean | undefined;
  raw?: boolean | undefined;
}
