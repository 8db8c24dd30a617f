import type { ExportFormat } from '../request.ts';
import type { Column } from './columns.ts';
import { BYTE_ORDER_MARK, csvLines } from './csv.ts';
import type { RowEncoder } from './file-writer.ts';

interface EncodingOptions {
  bom: boolean;
  raw: boolean;
}

/** How a format of files is made. */
interface Format {
  contentType: string;
  encoder(columns: readonly Column[], options: EncodingOptions): RowEncoder;
}

export const formats: Readonly<Record<ExportFormat, Format>> = {
  csv: { contentType: 'text/csv; charset=utf-8', encoder: csvEncoder },
};

function csvEncoder(columns: readonly Column[], { bom, raw }: EncodingOptions): RowEncoder {
  const { header, line } = csvLines(columns, { protectFormulas: !raw });
  return {
    header: bom ? BYTE_ORDER_MARK + header : header,
    encode: (rows) => rows.map(line).join(''),
  };
}
