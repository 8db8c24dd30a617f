import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { meQuery } from '../../api/shared-queries.ts';
import { Facts } from '../../parts/figures/facts.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useQuestion } from '../../question/question.ts';
import { words as roles } from '../../words/settings/keys.ts';
import { words } from '../../words/settings/me.ts';
import { Looks } from './looks.tsx';
import { Sessions } from './sessions.tsx';

/** Who we are, where we are signed in, and how this browser shows things. */
export function MePage(): ReactNode {
  const { timeZone } = useQuestion();
  const answer = useQuery(meQuery);
  return (
    <>
      <Panel title={words.title} answer={answer} height={60}>
        {(me) => (
          <Facts
            facts={{
              [words.id]: me.id,
              [words.roles]: me.roles.map((role) => roles.roles[role]).join(', '),
              [words.orgs]: me.allOrgs ? words.allOrgs : me.orgs.join(', ') || words.noOrgs,
              [words.via]: words.ways[me.via] ?? me.via,
            }}
          />
        )}
      </Panel>
      <Sessions timeZone={timeZone} />
      <Looks timeZone={timeZone} />
    </>
  );
}
