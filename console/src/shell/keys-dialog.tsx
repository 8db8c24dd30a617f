import type { ReactNode } from 'react';
import { Dialog } from '../parts/dialog.tsx';
import { words } from '../words/shell.ts';
import styles from './keys-dialog.module.css';
import { pages, titleOf } from './pages.ts';

/** All keys. */
export function KeysDialog({ onClose }: { onClose: () => void }): ReactNode {
  const isMac = navigator.platform.startsWith('Mac');
  const rows: readonly (readonly [readonly string[], string])[] = [
    [[isMac ? '⌘' : 'Ctrl', 'K'], words.keys.palette],
    [['?'], words.keys.keys],
    [['t'], words.keys.range],
    [['/'], words.keys.filter],
    [['r'], words.keys.refresh],
    ...pages.flatMap((page) =>
      page.key === undefined ? [] : [[['g', page.key], words.keys.goTo(titleOf(page))] as const],
    ),
    [['←', '→'], words.keys.chartMove],
    [['Enter'], words.keys.chartOpen],
    [['Esc'], words.keys.chartBack],
  ];
  return (
    <Dialog title={words.keys.title} onClose={onClose}>
      <dl className={styles.keys}>
        {rows.map(([keys, text]) => (
          <div key={text}>
            <dt>{text}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
