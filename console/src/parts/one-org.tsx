import type { ReactNode } from 'react';
import { ALL_ORGS } from '../question/question.ts';
import { words } from '../words/parts.ts';
import { Empty } from './empty.tsx';

/** A page about one org, which all orgs together do not have. */
export function OneOrg({ org, children }: { org: string; children: ReactNode }): ReactNode {
  if (org !== ALL_ORGS) return children;
  return <Empty title={words.oneOrg.title}>{words.oneOrg.text}</Empty>;
}
