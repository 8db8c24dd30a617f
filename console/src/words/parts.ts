/** The words of parts that several pages have. */
export const words = {
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'The browser did not allow copying',
  cancel: 'Cancel',
  close: 'Close',
  oneOrg: {
    title: 'Choose one organisation',
    text: 'This page is about one organisation. Choose it at the top of the navigation.',
  },
  /** Another name than that of the panel around it, so that screen readers tell them apart. */
  tableOf: (caption: string) => `${caption}: table`,
  more: 'Show more',
  loadingMore: 'Loading…',
  csv: 'Download CSV',
  compare: 'Compare with',
  comparisons: { previous: 'Time before', year: 'Year before', off: 'Nothing' },
  failedAction: 'This was not done',
  requestId: (id: string) => `Request id ${id}`,
} as const;
