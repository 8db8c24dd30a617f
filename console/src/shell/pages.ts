import type { ReactNode } from 'react';
import { words } from '../words/shell.ts';
import { icons } from './icons.tsx';

type Capability = 'usage:read' | 'reliability:read' | 'events:read';

/** A page of the console, as the navigation, the palette and the keys name it. */
export interface PageLink {
  id: keyof typeof words.pages;
  /** Below `/console`. */
  path: string;
  group: keyof typeof words.groups;
  /** The second of the two keys that lead to it: `g`, then this. */
  key?: string;
  icon: ReactNode;
  /** Who has not this capability does not see the page in the navigation. */
  needs?: Capability | (string & {});
  /** `false`: the page is about no range of time, so the range control is not shown. */
  hasRange?: false;
}

/** All pages, in the order of the navigation. A new page needs a line here, one in router.tsx and its words. */
export const pages: readonly PageLink[] = [
  { id: 'overview', path: '/', group: 'numbers', key: 'o', icon: icons.overview, needs: 'usage:read' },
  { id: 'usage', path: '/usage', group: 'numbers', key: 'u', icon: icons.usage, needs: 'usage:read' },
  {
    id: 'reliability',
    path: '/reliability',
    group: 'numbers',
    key: 'r',
    icon: icons.reliability,
    needs: 'reliability:read',
  },
  { id: 'events', path: '/events', group: 'numbers', key: 'e', icon: icons.events, needs: 'events:read' },
  { id: 'alerts', path: '/alerts', group: 'alerts', key: 'a', icon: icons.alerts, needs: 'alerts:read' },
  { id: 'rules', path: '/rules', group: 'alerts', icon: icons.rules, needs: 'alerts:read', hasRange: false },
  {
    id: 'silences',
    path: '/silences',
    group: 'alerts',
    key: 'i',
    icon: icons.silences,
    needs: 'alerts:read',
    hasRange: false,
  },
  {
    id: 'notifications',
    path: '/notifications',
    group: 'alerts',
    key: 'n',
    icon: icons.notifications,
    needs: 'alerts:read',
    hasRange: false,
  },
  { id: 'ml', path: '/ml', group: 'numbers', key: 'j', icon: icons.ml, needs: 'platform:read' },
  {
    id: 'business',
    path: '/business',
    group: 'numbers',
    key: 'b',
    icon: icons.business,
    needs: 'business:read',
  },
  { id: 'exports', path: '/exports', group: 'numbers', key: 'x', icon: icons.exports, needs: 'exports:read' },
  { id: 'health', path: '/health', group: 'platform', key: 'h', icon: icons.health, needs: 'platform:read' },
  {
    id: 'runbook',
    path: '/runbook',
    group: 'platform',
    icon: icons.runbook,
    needs: 'platform:read',
    hasRange: false,
  },
  {
    id: 'getStarted',
    path: '/get-started',
    group: 'settings',
    key: 's',
    icon: icons.getStarted,
    hasRange: false,
  },
  {
    id: 'prices',
    path: '/prices',
    group: 'settings',
    key: 'p',
    icon: icons.prices,
    needs: 'prices:manage',
    hasRange: false,
  },
  {
    id: 'keys',
    path: '/keys',
    group: 'settings',
    key: 'k',
    icon: icons.keys,
    needs: 'keys:manage',
    hasRange: false,
  },
  {
    id: 'limits',
    path: '/limits',
    group: 'settings',
    key: 'l',
    icon: icons.limits,
    needs: 'usage:read',
    hasRange: false,
  },
  { id: 'audit', path: '/audit', group: 'settings', key: 'd', icon: icons.audit, needs: 'audit:read' },
  { id: 'me', path: '/me', group: 'settings', key: 'm', icon: icons.me, hasRange: false },
];

export function titleOf({ id }: PageLink): string {
  return words.pages[id];
}

/** The page of an address: `/alerts/17` belongs to Alerts. */
export function pageAt(path: string): PageLink | undefined {
  const place = path.replace(/(.)\/$/, '$1');
  return (
    pages.find((page) => page.path === place) ??
    pages.find((page) => page.path !== '/' && place.startsWith(`${page.path}/`))
  );
}
