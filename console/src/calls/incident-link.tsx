import type { ReactNode } from 'react';
import { apiBase } from '../api/base.ts';
import type { Question } from '../question/question.ts';
import { words } from '../words/calls.ts';
import { type IncidentFilters, incidentFile } from './filters.ts';

interface IncidentLinkProps {
  question: Question;
  filters: IncidentFilters;
}

/** The raw events of the range as a file. It says which filters the file does not have. */
export function IncidentLink({ question, filters }: IncidentLinkProps): ReactNode {
  const file = incidentFile(question.org, question.range, filters);
  if (file === undefined) return null;
  const missing = file.without.map((filter) => words.everyOf[filter]);
  return (
    <a href={`${apiBase}${file.path}`} title={words.incidentHint} download>
      {missing.length === 0 ? words.incident : words.incidentOf(missing.join(', '))}
    </a>
  );
}
