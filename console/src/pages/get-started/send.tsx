import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useId } from 'react';
import { apiBase } from '../../api/base.ts';
import { useMay } from '../../api/may.ts';
import { Button } from '../../parts/button.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { CodeBlock } from '../../parts/forms/code-block.tsx';
import { CopyButton } from '../../parts/forms/copy-button.tsx';
import { Status } from '../../parts/status.tsx';
import { useSetSearch } from '../../question/question.ts';
import { words } from '../../words/get-started.ts';
import styles from './get-started.module.css';
import { makeIngestKey, sendTestEvent } from './queries.ts';
import { NO_KEY, snippetOf, type Way, ways } from './snippets.ts';

const packageWays: readonly Way[] = ['typescript', 'openai', 'anthropic', 'ai-sdk'];

/** The lines to copy, with the address of this service and a key. */
export function Send({ org, way }: { org: string; way: Way }): ReactNode {
  const setSearch = useSetSearch();
  const headingId = useId();
  const key = useMutation({ mutationFn: () => makeIngestKey(org) });
  const name = words.ways[way];
  const made = key.data?.key;
  const url = `${location.origin}${apiBase}`;
  return (
    <section className={styles.panel} aria-labelledby={headingId}>
      <header className={styles.header}>
        <h2 id={headingId}>{words.title}</h2>
        <TestEvent org={org} />
      </header>
      <Key org={org} made={made} isBusy={key.isPending} error={key.error} onMake={() => key.mutate()} />
      <fieldset className={styles.ways}>
        <legend className="hidden-text">{words.way}</legend>
        {ways.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === way}
            onClick={() => setSearch({ way: one === 'curl' ? undefined : one }, { replace: true })}
          >
            {words.ways[one]}
          </button>
        ))}
      </fieldset>
      <CodeBlock label={words.snippet(name)} text={snippetOf(way, { url, key: made ?? NO_KEY, org })} />
      {packageWays.includes(way) && <p className={styles.quiet}>{words.packageHint}</p>}
      {made === undefined && way !== 'csv' && <p className={styles.quiet}>{words.variable}</p>}
    </section>
  );
}

interface KeyProps {
  org: string;
  made: string | undefined;
  isBusy: boolean;
  error: Error | null;
  onMake: () => void;
}

/** Makes a key, or says who can. */
function Key({ org, made, isBusy, error, onMake }: KeyProps): ReactNode {
  const mayMake = useMay('keys:manage');
  if (!mayMake) {
    return (
      <div className={styles.key}>
        <p className={styles.quiet}>{words.keyForbidden}</p>
        <CodeBlock label={words.keyTitle} text={words.keyCommand(org)} />
      </div>
    );
  }
  if (made === undefined) {
    return (
      <div className={styles.key}>
        <div className={styles.row}>
          <Button kind="primary" disabled={isBusy} onClick={onMake}>
            {isBusy ? words.making : words.makeKey}
          </Button>
          <p className={styles.quiet}>{words.keyHint}</p>
        </div>
        <ActionFailure error={error} />
      </div>
    );
  }
  return (
    <div className={styles.key}>
      <div className={styles.row}>
        <code className={styles.secret}>{made}</code>
        <CopyButton text={made} kind="normal" />
      </div>
      <p>
        <Status level="warning">{words.keyOnce}</Status>
      </p>
    </div>
  );
}

/** Sends one event from here, for those who want to see the way before they write a program. */
function TestEvent({ org }: { org: string }): ReactNode {
  const maySend = useMay('events:write');
  const client = useQueryClient();
  const send = useMutation({
    mutationFn: () => sendTestEvent(org),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['recent', org] }),
  });
  if (!maySend) return null;
  return (
    <div className={styles.row}>
      {send.data !== undefined && (
        <span role="status">
          <Status level={send.data.stored === 1 ? 'good' : 'warning'}>
            {words.testDone(send.data.stored)}
          </Status>
        </span>
      )}
      <ActionFailure error={send.error} />
      <Button title={words.testHint} disabled={send.isPending} onClick={() => send.mutate()}>
        {send.isPending ? words.testing : words.test}
      </Button>
    </div>
  );
}
