import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { apiBase, consoleBase } from '../../api/base.ts';
import { ApiFailure } from '../../api/failure.ts';
import { type Proof, sessionQuery, signIn, signInWaysQuery } from '../../api/session.ts';
import { Button } from '../../parts/button.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { Logo } from '../../shell/logo.tsx';
import { words } from '../../words/login.ts';
import styles from './login-page.module.css';
import { localPath, readLogin } from './search.ts';

/** The ways to sign in that are set up. A link of the start signs in by itself. */
export function LoginPage(): ReactNode {
  const { returnTo, reason } = usePageSearch(readLogin);
  const { data: ways } = useQuery(signInWaysQuery);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [fault, setFault] = useState(reason && (words.reasons[reason] ?? reason));
  const [isBusy, setBusy] = useState(false);
  const target = localPath(returnTo);

  const enter = async (given: Proof, hint?: string) => {
    setBusy(true);
    setFault(undefined);
    try {
      await signIn(given);
      client.removeQueries({ queryKey: sessionQuery.queryKey });
      await navigate({ href: `${consoleBase}${target}`, replace: true });
    } catch (error) {
      const text = error instanceof ApiFailure ? error.message : String(error);
      setFault([text, hint].filter(Boolean).join(' '));
    } finally {
      setBusy(false);
    }
  };
  useCodeOfStart((code) => void enter({ code }, words.codeRefused));

  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <header className={styles.header}>
          <Logo size={36} />
          <h1>{words.title}</h1>
          <p>{words.hint}</p>
        </header>
        {fault !== undefined && (
          <div className={styles.fault} role="alert">
            <strong>{words.refused}</strong>
            <p>{fault}</p>
          </div>
        )}
        {ways?.oidc != null && (
          <>
            <a
              className={styles.provider}
              href={`${apiBase}/auth/login?returnTo=${encodeURIComponent(`${consoleBase}${target}`)}`}
            >
              {words.with(ways.oidc.label)}
            </a>
            <p className={styles.or}>{words.or}</p>
          </>
        )}
        <ProofForm
          isBusy={isBusy}
          isOnlyWay={ways?.oidc == null}
          onProof={(given) => void enter(given)}
          onFault={setFault}
        />
      </div>
    </main>
  );
}

interface ProofFormProps {
  isBusy: boolean;
  isOnlyWay: boolean;
  onProof: (proof: Proof) => void;
  onFault: (fault: string) => void;
}

/** Takes a token or an API key. */
function ProofForm({ isBusy, isOnlyWay, onProof, onFault }: ProofFormProps): ReactNode {
  const [proof, setProof] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const text = proof.trim();
    if (text === '') return onFault(words.empty);
    // A token has three parts with dots between them; an API key has none.
    onProof(text.split('.').length === 3 ? { token: text } : { apiKey: text });
  };
  return (
    <form onSubmit={submit} className={styles.form}>
      <label>
        {words.proof}
        <input
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          value={proof}
          aria-describedby="proof-hint"
          onChange={(event) => setProof(event.target.value)}
        />
      </label>
      <p id="proof-hint" className={styles.hint}>
        {words.proofHint}
      </p>
      <Button type="submit" kind={isOnlyWay ? 'primary' : 'normal'} disabled={isBusy}>
        {isBusy ? words.signingIn : words.signIn}
      </Button>
    </form>
  );
}

/** The code of the link that the start prints. It is in the fragment, which no log has, and leaves the address at once. */
function useCodeOfStart(onCode: (code: string) => void): void {
  const isUsed = useRef(false);
  useEffect(() => {
    const code = new URLSearchParams(location.hash.slice(1)).get('code');
    if (code === null || isUsed.current) return;
    isUsed.current = true;
    history.replaceState(history.state, '', location.pathname + location.search);
    onCode(code);
  }, [onCode]);
}
