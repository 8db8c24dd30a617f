import { type ReactNode, useState } from 'react';
import { type Draft, yamlOf } from '../../alerting/draft.ts';
import { api, dataOf } from '../../api/client.ts';
import { Button } from '../../parts/button.tsx';
import { ALL_ORGS } from '../../question/question.ts';
import { words } from '../../words/rules.ts';
import styles from './rule.module.css';

interface YamlProps {
  draft: Draft;
  org: string;
  onApply: (draft: Draft) => void;
}

/** The rule as YAML. The service reads it, as it reads files of rules, but stores nothing. */
export function YamlView({ draft, org, onApply }: YamlProps): ReactNode {
  const [text, setText] = useState(() => yamlOf(draft));
  const [fault, setFault] = useState<string>();
  const apply = async () => {
    try {
      const { changes } = await dataOf(
        api.POST('/api/v1/analytics/alerts/configs/import', {
          params: { query: { dryRun: true, ...(org !== ALL_ORGS && { orgId: org }) } },
          body: text,
          bodySerializer: (body: string) => body,
          headers: { 'content-type': 'application/yaml' },
        }),
      );
      const [change] = changes;
      if (changes.length !== 1 || change === undefined) return setFault(words.yamlOne);
      const after = Object.entries(change.fields).map(([name, value]) => [name, value.after]);
      setFault(undefined);
      onApply({ ...draft, ...Object.fromEntries(after), name: change.name });
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className={styles.yaml}>
      <textarea
        aria-label={words.yaml}
        spellCheck={false}
        rows={24}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      {fault !== undefined && (
        <p className={styles.fault} role="alert">
          {fault}
        </p>
      )}
      <p className={styles.about}>{words.yamlHint}</p>
      <Button onClick={() => void apply()}>{words.yamlApply}</Button>
    </div>
  );
}
