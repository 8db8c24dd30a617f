import type { ReactNode } from 'react';
import { Choices } from '../../parts/button.tsx';
import { OneOrg } from '../../parts/one-org.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { useQuestion, useSetSearch } from '../../question/question.ts';
import { words } from '../../words/exports.ts';
import { ExportList } from './export-list.tsx';
import { MonthPanel } from './month-panel.tsx';
import { Months } from './months.tsx';
import { Schedules } from './schedules.tsx';
import { readExports, tabs } from './search.ts';

/** Files for finance and for other programs, with the proof that they are right. */
export function ExportsPage(): ReactNode {
  const question = useQuestion();
  const { org, timeZone } = question;
  const { tab = 'files', month } = usePageSearch(readExports);
  const setSearch = useSetSearch();
  return (
    <OneOrg org={org}>
      <div>
        <Choices
          label={words.tab}
          choices={tabs}
          chosen={tab}
          textOf={(choice) => words.tabs[choice]}
          onChoose={(choice) => setSearch({ tab: choice === 'files' ? undefined : choice, month: undefined })}
        />
      </div>
      {tab === 'files' && <ExportList question={question} />}
      {tab === 'months' && (
        <>
          <Months org={org} timeZone={timeZone} />
          {month !== undefined && <MonthPanel org={org} chosen={month} timeZone={timeZone} />}
        </>
      )}
      {tab === 'schedules' && <Schedules org={org} timeZone={timeZone} />}
    </OneOrg>
  );
}
