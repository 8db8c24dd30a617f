import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { meQuery, orgsQuery } from '../api/shared-queries.ts';
import { Popover } from '../parts/popover.tsx';
import { ALL_ORGS, useSetSearch } from '../question/question.ts';
import { remember } from '../style/remembered.ts';
import { words } from '../words/shell.ts';
import { icons } from './icons.tsx';
import styles from './org-switcher.module.css';

/** So many orgs are listed; the rest is found by typing. */
const MOST_SHOWN = 50;

/** Chooses the org of the page, and remembers it. */
export function OrgSwitcher({ org }: { org: string }): ReactNode {
  const { data: me } = useQuery(meQuery);
  const { data } = useQuery(orgsQuery);
  const [filter, setFilter] = useState('');
  const setSearch = useSetSearch();
  const orgs = data?.orgs.map(({ orgId }) => orgId) ?? me?.orgs ?? [];
  const all = me?.allOrgs ? [ALL_ORGS] : [];
  const found = [...all, ...orgs].filter((id) => nameOf(id).toLowerCase().includes(filter.toLowerCase()));
  const choose = (id: string, close: () => void) => {
    remember('org', id);
    // What a filter names is of one org.
    setSearch({ org: id });
    setFilter('');
    close();
  };
  const label = (
    <>
      <span className={styles.mark} aria-hidden="true">
        {nameOf(org).slice(0, 1).toUpperCase()}
      </span>
      <span className={styles.name}>{nameOf(org)}</span>
      <span className={styles.chevron}>{icons.chevron}</span>
    </>
  );
  return (
    <Popover label={label} title={words.org.label} className={styles.opener} id="org-switcher">
      {(close) => (
        <form
          className={styles.list}
          onSubmit={(event) => {
            event.preventDefault();
            const [first] = found;
            const typed = filter.trim();
            if (first !== undefined || typed !== '') choose(first ?? typed, close);
          }}
        >
          <input
            type="search"
            value={filter}
            aria-label={words.org.search}
            placeholder={words.org.search}
            onChange={(event) => setFilter(event.target.value)}
          />
          <ul>
            {found.slice(0, MOST_SHOWN).map((id) => (
              <li key={id}>
                <button
                  type="button"
                  aria-current={id === org || undefined}
                  onClick={() => choose(id, close)}
                >
                  {nameOf(id)}
                  {id === org && icons.check}
                </button>
              </li>
            ))}
          </ul>
        </form>
      )}
    </Popover>
  );
}

/** An org as people read it. */
export function nameOf(org: string): string {
  return org === ALL_ORGS ? words.org.all : org;
}
