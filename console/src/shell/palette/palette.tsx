import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useId, useMemo, useState } from 'react';
import { orgsQuery } from '../../api/shared-queries.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { useModels } from '../../question/models.ts';
import { remember } from '../../style/remembered.ts';
import { writeList } from '../../url/search.ts';
import { words } from '../../words/shell.ts';
import { keepShared } from '../keys.ts';
import { nameOf } from '../org-switcher.tsx';
import { pages, titleOf } from '../pages.ts';
import { find } from './find.ts';
import styles from './palette.module.css';

interface Entry {
  id: string;
  kind: string;
  text: string;
  go: () => void;
}

const MOST_SHOWN = 12;

/** Finds pages, orgs and models by a few letters. */
export function Palette({ org, onClose }: { org: string; onClose: () => void }): ReactNode {
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const entries = useEntries(org);
  const found = find(entries, typed).slice(0, MOST_SHOWN);
  const go = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    entry.go();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setChosen(Math.min(chosen + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setChosen(Math.max(chosen - 1, 0));
    else if (event.key === 'Enter') go(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={words.palette.label} onClose={onClose} className={styles.palette} isTitleHidden>
      <input
        autoFocus
        className={styles.input}
        role="combobox"
        aria-label={words.palette.placeholder}
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={found[chosen] && `${listId}-${chosen}`}
        placeholder={words.palette.placeholder}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      {found.length === 0 && <p className={styles.nothing}>{words.palette.nothing}</p>}
      <div id={listId} role="listbox" aria-label={words.palette.label} className={styles.list}>
        {found.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys and Enter are those of the field.
          <div
            key={entry.id}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onPointerMove={() => setChosen(index)}
            onClick={() => go(entry)}
          >
            <span>{entry.text}</span>
            <span className={styles.kind}>{entry.kind}</span>
          </div>
        ))}
      </div>
    </Dialog>
  );
}

function useEntries(org: string): Entry[] {
  const navigate = useNavigate();
  const { data } = useQuery(orgsQuery);
  const models = useModels(org);
  return useMemo(() => {
    const { kinds } = words.palette;
    const ofPages = pages.map((page) => ({
      ...{ id: `page ${page.id}`, kind: kinds.page, text: titleOf(page) },
      go: () => void navigate({ to: page.path, search: keepShared }),
    }));
    const ofOrgs = (data?.orgs ?? []).map(({ orgId }) => ({
      ...{ id: `org ${orgId}`, kind: kinds.org, text: nameOf(orgId) },
      go: () => {
        remember('org', orgId);
        void navigate({ to: '.', search: ((search: object) => ({ ...search, org: orgId })) as never });
      },
    }));
    const ofModels = models.map((model) => ({
      ...{ id: `model ${model}`, kind: kinds.model, text: model },
      go: () =>
        void navigate({
          to: '/usage',
          search: ((search: object) => ({ ...search, model: writeList([model]) })) as never,
        }),
    }));
    return [...ofPages, ...ofOrgs, ...ofModels];
  }, [navigate, data, models]);
}
