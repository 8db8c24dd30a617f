import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { date, exactMoment } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { RemovalDialog } from '../../parts/forms/removal-dialog.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ALL_ORGS } from '../../question/question.ts';
import { words } from '../../words/notifications.ts';
import { NewWebhookDialog } from './new-webhook.tsx';
import { removeWebhook, type Webhook, webhooksOf } from './queries.ts';

/** The destinations that rules and preferences name. */
export function Webhooks({ org, timeZone }: { org: string; timeZone: string }): ReactNode {
  const { webhooks: text } = words;
  const answer = useQuery(webhooksOf(org));
  const [open, setOpen] = useState<'new' | Webhook>();
  const add = (
    <Button kind="primary" onClick={() => setOpen('new')}>
      {text.make}
    </Button>
  );
  const onClose = () => setOpen(undefined);
  return (
    <Panel title={text.title} note={text.note} answer={answer} actions={add} height={160}>
      {({ webhooks }) => (
        <>
          {webhooks.length === 0 ? (
            <Empty title={text.none}>{text.noneText}</Empty>
          ) : (
            <DataTable
              {...{ caption: text.title, rows: webhooks }}
              columns={columnsFor(timeZone, setOpen)}
              keyOf={({ orgId, name }) => `${orgId} ${name}`}
            />
          )}
          {open === 'new' && <NewWebhookDialog org={org} onClose={onClose} />}
          {open !== undefined && open !== 'new' && <RemoveDialog webhook={open} onClose={onClose} />}
        </>
      )}
    </Panel>
  );
}

function columnsFor(timeZone: string, onRemove: (webhook: Webhook) => void): Column<Webhook>[] {
  const { columns, remove } = words.webhooks;
  return [
    { ...{ id: 'name', title: columns.name }, cell: ({ name }) => name },
    { ...{ id: 'kind', title: columns.kind }, cell: ({ kind }) => words.channels[kind] },
    { ...{ id: 'url', title: columns.url }, cell: ({ url }) => url },
    {
      ...{ id: 'org', title: columns.org },
      cell: ({ orgId }) => (orgId === ALL_ORGS ? words.allOrgs : orgId),
    },
    {
      ...{ id: 'added', title: columns.added },
      cell: ({ createdAt, createdBy }) => (
        <time dateTime={createdAt} title={exactMoment(createdAt, timeZone)}>
          {date(createdAt, timeZone)}, {createdBy}
        </time>
      ),
    },
    {
      ...{ id: 'actions', title: columns.actions },
      cell: (webhook) => (
        <Button kind="quiet" onClick={() => onRemove(webhook)}>
          {remove}
        </Button>
      ),
    },
  ];
}

function RemoveDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }): ReactNode {
  const { webhooks: text } = words;
  return (
    <RemovalDialog
      {...{ title: text.removeTitle(webhook.name), text: text.removeText, action: text.remove, onClose }}
      {...{ remove: () => removeWebhook(webhook), changes: ['webhooks'] }}
    />
  );
}
