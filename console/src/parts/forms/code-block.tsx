import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';
import styles from './forms.module.css';

/** Lines to copy into a terminal or a program. */
export function CodeBlock({ label, text }: { label: string; text: string }): ReactNode {
  return (
    <div className={styles.code}>
      <div className={styles.codeCopy}>
        <CopyButton text={text} kind="normal" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys scroll it. */}
      <section tabIndex={0} aria-label={label}>
        <pre>
          <code>{text}</code>
        </pre>
      </section>
    </div>
  );
}
