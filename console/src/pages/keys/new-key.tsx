import { type ReactNode, useState } from 'react';
import { apiBase } from '../../api/base.ts';
import { Select } from '../../parts/forms/choice.tsx';
import { CodeBlock } from '../../parts/forms/code-block.tsx';
import { Field } from '../../parts/forms/field.tsx';
import { FormDialog } from '../../parts/forms/form-dialog.tsx';
import { OnceDialog } from '../../parts/forms/once-dialog.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { ALL_ORGS } from '../../question/question.ts';
import { words } from '../../words/settings/keys.ts';
import { apiKeys, makeKey, type NewKey } from './queries.ts';

const roles = ['ingest', 'engineer', 'finance', 'business_viewer', 'org_admin', 'admin'] as const;

/** Makes a key, and shows it once. */
export function NewKeyDialog({ org, onClose }: { org: string; onClose: () => void }): ReactNode {
  const [name, setName] = useState('');
  const [role, setRole] = useState<NewKey['role']>('ingest');
  const [orgs, setOrgs] = useState(org === ALL_ORGS ? '' : org);
  const [ends, setEnds] = useState('');
  const { form } = words;
  return (
    <FormDialog
      {...{ title: words.make, action: { save: form.make, saving: form.making }, onClose }}
      changes={apiKeys.queryKey}
      save={() =>
        makeKey({
          ...{ name: name.trim(), role },
          orgs: role === 'admin' ? [] : listOf(orgs),
          ...(ends !== '' && { expiresAt: `${ends}T00:00:00Z` }),
        })
      }
      afterwards={(made) => <Once made={made} onClose={onClose} />}
    >
      <Field label={form.name} hint={form.nameHint}>
        {(ids) => <TextInput {...ids} required value={name} onText={setName} />}
      </Field>
      <Field label={form.role} hint={words.roleHints[role]}>
        {({ id }) => (
          <Select
            {...{ id, choices: roles, chosen: role, onChoose: setRole }}
            textOf={(choice) => words.roles[choice]}
          />
        )}
      </Field>
      {role !== 'admin' && (
        <Field label={form.orgs} hint={form.orgsHint}>
          {(ids) => <TextInput {...ids} required value={orgs} onText={setOrgs} />}
        </Field>
      )}
      <Field label={form.ends} hint={form.endsHint}>
        {(ids) => <TextInput {...ids} type="date" value={ends} onText={setEnds} />}
      </Field>
    </FormDialog>
  );
}

interface OnceProps {
  made: { key: string; role: NewKey['role']; orgs: string[] };
  onClose: () => void;
}

/** The key, as it is shown only now, and a request that uses it. */
function Once({ made: { key, role, orgs }, onClose }: OnceProps): ReactNode {
  const url = `${location.origin}${apiBase}`;
  const snippet =
    role === 'ingest'
      ? `curl -H "X-API-Key: ${key}" -H 'content-type: application/json' \\
  -d '{"orgId":${JSON.stringify(orgs[0] ?? '')},"eventId":"call-1","occurredAt":"'"$(date -u +%FT%TZ)"'","modelId":"gpt-4o","status":"success","latencyMs":830}' \\
  ${url}/analytics/v1/events`
      : `curl -H "X-API-Key: ${key}" ${url}/analytics/v1/me`;
  return (
    <OnceDialog
      {...{ title: words.once.title, warning: words.once.text, label: words.title, secret: key }}
      {...{ done: words.once.done, onClose }}
    >
      <p>{words.once.snippet}</p>
      <CodeBlock label={words.once.snippet} text={snippet} />
    </OnceDialog>
  );
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}
