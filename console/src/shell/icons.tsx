import type { ReactNode } from 'react';

/** An icon of lines on a grid of 16. */
function icon(path: string): ReactNode {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      aria-hidden="true"
    >
      <path d={path} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

export const icons = {
  overview: icon('M2 2.500h5v5H2zM9 2.500h5v3H9zM9 8h5v5.500H9zM2 10h5v3.500H2z'),
  usage: icon('M2.500 13.500v-4M6.200 13.500v-8M9.800 13.500v-6M13.500 13.500v-11'),
  reliability: icon('M1.500 8.500h3l2-5 3 9 2-4h3'),
  events: icon('M2 3.500h12M2 8h12M2 12.500h8'),
  alerts: icon(
    'M8 2a4 4 0 0 0-4 4v3l-1.500 2.500h11L12 9V6a4 4 0 0 0-4-4zM6.500 13.500a1.600 1.600 0 0 0 3 0',
  ),
  rules: icon('M2 4.500h6M12 4.500h2M2 11.500h2M8 11.500h6M10 2.500v4M6 9.500v4'),
  silences: icon(
    'M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500zM10 2.500h3.500L10 6.500h3.500',
  ),
  notifications: icon('M2 3.500h12v9H2zM2 4l6 5 6-5'),
  ml: icon('M3 3h3v3H3zM10 10h3v3h-3zM6 4.500h5.500V10M4.500 6v5.500H10'),
  business: icon('M2 5h12l-1 8.500H3zM5.500 7V4a2.500 2.500 0 0 1 5 0v3'),
  health: icon('M8 14S2 10 2 6a3 3 0 0 1 6-1 3 3 0 0 1 6 1c0 4-6 8-6 8z'),
  runbook: icon(
    'M3 2.500h8.500a1.500 1.500 0 0 1 1.500 1.500v9.500H4.500A1.500 1.500 0 0 1 3 12zM3 12a1.500 1.500 0 0 1 1.500-1.500H13M6 5.500h4',
  ),
  exports: icon('M8 2v8M5 7l3 3 3-3M2.500 11.500v2h11v-2'),
  prices: icon(
    'M8 1.500v13M11 4.500c-.5-1-1.500-1.500-3-1.500-4 0-4 4.500 0 5s4 5 0 5c-1.700 0-2.700-.5-3.200-1.500',
  ),
  keys: icon(
    'M10.500 2a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM8 8l-5.500 5.500M4.500 11.500l1.500 1.500',
  ),
  limits: icon('M2 12a6 6 0 1 1 12 0M8 12l3-4'),
  audit: icon('M3.500 1.500h9v13h-9zM6 5h4M6 8h4M6 11h2'),
  me: icon('M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.500 14a5.500 5.500 0 0 1 11 0'),
  getStarted: icon('M4 2.500l9 5.500-9 5.500z'),
  search: icon('M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM11 11l3.500 3.500'),
  menu: icon('M2 4h12M2 8h12M2 12h12'),
  link: icon(
    'M6.500 9.500l3-3M7 4.500l1.500-1.500a3 3 0 0 1 4.500 4.500L11.500 9M9 11.500L7.500 13A3 3 0 0 1 3 8.500L4.500 7',
  ),
  chevron: icon('M4 6.500l4 4 4-4'),
  calendar: icon('M2 3.500h12v10.500H2zM2 6.500h12M5 1.500v3M11 1.500v3'),
  check: icon('M3 8.500l3.500 3.500L13 5'),
  live: icon(
    'M8 8h.01M5 5a4.200 4.200 0 0 0 0 6M11 5a4.200 4.200 0 0 1 0 6M3 3a7 7 0 0 0 0 10M13 3a7 7 0 0 1 0 10',
  ),
};
