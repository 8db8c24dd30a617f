import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { apiBase } from '../api/base.ts';
import { sessionQuery, signOut } from '../api/session.ts';
import { Choices } from '../parts/button.tsx';
import { Popover } from '../parts/popover.tsx';
import { chooseTheme, themes, useTheme } from '../style/theme.ts';
import { words } from '../words/shell.ts';
import styles from './account-menu.module.css';
import { icons } from './icons.tsx';

/** Who is signed in, the theme, the keys, and the way out. */
export function AccountMenu({ onKeys }: { onKeys: () => void }): ReactNode {
  const { data: session } = useQuery(sessionQuery);
  const { chosen } = useTheme();
  const client = useQueryClient();
  const navigate = useNavigate();
  const name = session?.name ?? session?.actor ?? '';
  const leave = async () => {
    await signOut();
    client.clear();
    await navigate({ to: '/login' });
  };
  const label = (
    <>
      {icons.me}
      <span className={styles.name}>{name}</span>
    </>
  );
  return (
    <Popover label={label} title={words.account.label(name)} className={styles.opener}>
      {(close) => (
        <div className={styles.menu}>
          <p className={styles.who}>
            <strong>{name}</strong>
            <span>{session?.roles.join(', ')}</span>
          </p>
          <Choices
            label={words.theme.label}
            choices={themes}
            chosen={chosen}
            textOf={(theme) => words.theme[theme]}
            onChoose={chooseTheme}
          />
          <ul>
            <li>
              <button
                type="button"
                onClick={() => {
                  close();
                  onKeys();
                }}
              >
                {words.account.keys} <kbd>?</kbd>
              </button>
            </li>
            <li>
              <a href={`${apiBase}/docs`}>{words.account.docs}</a>
            </li>
            <li>
              <button type="button" onClick={() => void leave()}>
                {words.account.signOut}
              </button>
            </li>
          </ul>
        </div>
      )}
    </Popover>
  );
}
