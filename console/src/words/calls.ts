/** The words that the pages about calls share. */
export const words = {
  filters: 'Filters',
  filterNames: { model: 'Model', client: 'Client', status: 'Status', code: 'Error code' },
  filter: (name: string, value: string) => `${name}: ${value}`,
  remove: (text: string) => `Remove the filter ${text}`,
  statuses: { success: 'Success', error: 'Error', timeout: 'Timeout', throttled: 'Throttled' },
  incident: 'Incident CSV',
  incidentHint: 'The raw events of this time, the newest 10,000 at most',
  incidentOf: (everything: string) => `Incident CSV (${everything})`,
  everyOf: { type: 'all types', client: 'all clients', correlation: 'all correlation ids' },
} as const;
