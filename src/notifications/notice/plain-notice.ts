import { withoutHidden } from '../../plain-text.ts';
import type { Notice } from './notice.ts';

/**
 * The notice for people. Its texts are those of callers: they lose control characters, and characters that change the
 * direction of what follows, so that no name can make a message say something else.
 */
export function plainNotice(notice: Notice): Notice {
  const plain = <T extends string | null>(text: T) => (text === null ? text : (withoutHidden(text) as T));
  return {
    ...notice,
    name: plain(notice.name),
    metric: plain(notice.metric),
    orgId: plain(notice.orgId),
    actorId: plain(notice.actorId),
    note: plain(notice.note),
    ...(notice.description !== undefined && { description: plain(notice.description) }),
    ...(notice.expression !== undefined && { expression: plain(notice.expression) }),
    ...(notice.filters && { filters: plainEntries(notice.filters) }),
    ...(notice.month && {
      month: {
        ...notice.month,
        schedule: plain(notice.month.schedule),
        failure: plain(notice.month.failure),
      },
    }),
    ...(notice.evaluation && {
      evaluation: { ...notice.evaluation, failure: plain(notice.evaluation.failure) },
    }),
    group: plainEntries(notice.group),
  };
}

function plainEntries(values: Notice['group']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([dimension, value]) => [withoutHidden(dimension), withoutHidden(value)]),
  );
}
