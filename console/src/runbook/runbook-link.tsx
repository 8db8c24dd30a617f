import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { runbookSections, words } from '../words/runbook.ts';

/** Leads to the section of the runbook about something, if it has one. */
export function RunbookLink({ about }: { about: string }): ReactNode {
  const section: string | undefined = runbookSections[about as keyof typeof runbookSections];
  if (section === undefined) return null;
  return (
    <Link
      to="/runbook"
      search={
        (({ org, range, tz, live }: Record<string, unknown>) => ({ org, range, tz, live, section })) as never
      }
    >
      {words.open}
    </Link>
  );
}
