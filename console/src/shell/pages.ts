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
}

/** All pages, in the order of the navigation. A new page needs a line here, one in router.tsx and its words. */
export const pages: readonly PageLink[] = [
  { id: 'overview', path: '/', group: 'numbers', key: 'o', icon: icons.overview, needs: 'usage:read' },
  { id: 'usage', path: '/usage', group: 'numbers', key: 'u', icon: icons.usage, needs: 'usage:read' },
];

export function titleOf({ id }: PageLink): string {
  return words.pages[id];
}
