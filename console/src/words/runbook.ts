/** The words of the page Runbook, and its sections that other pages lead to. */
export const words = {
  open: 'What to do',
  sections: 'Sections',
  none: 'The runbook has no such section',
  noneText: 'Choose one of its sections.',
  before: 'The commands use what "Before you start" defines.',
} as const;

/** The sections by what leads to them: a reason of the verdict, or a part of the pipeline that does not move. */
export const runbookSections = {
  platform_failing: 'tidemarkhigherrorrate',
  platform_errors: 'tidemarkhigherrorrate',
  platform_slow: 'tidemarkhighlatencyp95',
  service_failing: 'tidemarkaway',
  service_errors: 'tidemarkhigherrorrate',
  service_slow: 'tidemarkhighlatencyp95',
  process_unreachable: 'tidemarkdown',
  rollups_behind: 'tidemarkfreshnesslag',
  queue: 'tidemarkingestionrefused',
  batches: 'tidemarkrollupstalled',
  away: 'tidemarkrabbitmqaway',
  paused: 'tidemarkrabbitmqpaused',
  backlog: 'tidemarkrabbitmqbacklog',
  deadLetters: 'tidemarkdeadletters',
  outbox: 'tidemarkoutboxgrowing',
  dead: 'tidemarkchannelfailing',
  differs: 'reconcile',
} as const;
