/** The words of charts and tables. */
export const words = {
  summary: (of: { from: string; to: string; least: string; most: string; last: string }) =>
    `From ${of.from} to ${of.to}. Lowest ${of.least}, highest ${of.most}, last complete ${of.last}.`,
  empty: 'No data in this time range.',
  asTable: 'View as table',
  asChart: 'View as chart',
  csv: 'Download CSV',
  png: 'Download image',
  more: 'More',
  hint: 'Left and right arrow keys move the cursor. Enter opens the bucket. Drag to zoom.',
  incomplete: 'incomplete',
  total: 'Total',
  time: 'Time',
  before: 'Before',
  zoomOut: 'Zoom out',
  other: (count: number) => (count === 0 ? 'other' : `other (${count})`),
  copied: 'Copied',
  copyExact: (value: string) => `${value} (press to copy)`,
} as const;
