import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { apiBase } from '../../api/base.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { Select } from '../../parts/forms/choice.tsx';
import { CodeBlock } from '../../parts/forms/code-block.tsx';
import { Field, Form, FormActions } from '../../parts/forms/field.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { Status } from '../../parts/status.tsx';
import { ALL_ORGS } from '../../question/question.ts';
import { words as general } from '../../words/parts.ts';
import { words } from '../../words/settings/keys.ts';
import { apiKeys, makeKey, type NewKey } from './queries.ts';

const roles = ['ingest', 'engineer', 'finance', 'business_viewer', 'org_admin', 'admin'] as const;

/** Makes a key, and shows it once. */
export function NewKeyDialog({ org, onClose }: { org: string; onClose: () => void }): ReactNode {
  const [name, setName] = useState('');
  const [role, setRole] = useState<NewKey['role']>('ingest');
  const [orgs, setOrgs] = useState(org === ALL_ORGS ? '' : org);
  const [ends, setEnds] = useState('');
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: () =>
      makeKey({
        ...{ name: name.trim(), role },
        orgs: role === 'admin' ? [] : listOf(orgs),
        ...(ends !== '' && { expiresAt: `${ends}T00:00:00Z` }),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: apiKeys.queryKey }),
  });
  const { form } = words;
  if (make.data !== undefined) return <Once made={make.data} onClose={onClose} />;
  return (
    <Dialog title={words.make} onClose={onClose}>
      <Form onSubmit={() => make.mutate()}>
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
        <ActionFailure error={make.error} />
        <FormActions>
          <Button onClick={onClose}>{general.cancel}</Button>
          <Button type="submit" kind="primary" disabled={make.isPending}>
            {make.isPending ? form.making : form.make}
          </Button>
        </FormActions>
      </Form>
    </Dialog>
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
    <Dialog title={words.once.title} onClose={onClose}>
      <p>
        <Status level="warning">{words.once.text}</Status>
      </p>
      <CodeBlock label={words.title} text={key} />
      <p>{words.once.snippet}</p>
      <CodeBlock label={words.once.snippet} text={snippet} />
      <FormActions>
        <Button kind="primary" onClick={onClose}>
          {words.once.done}
        </Button>
      </FormActions>
    </Dialog>
  );
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}
