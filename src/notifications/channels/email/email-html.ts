import { captionOf } from '../../chart/chart-values.ts';
import { escapeHtml } from '../../notice/escape-html.ts';
import { eventOfAll, factsOfAll, statementOfAll } from '../../notice/many.ts';
import { isUrgent } from '../../notice/notice.ts';
import type { Delivery } from '../channel.ts';

const colours = { info: '#2563eb', warning: '#b45309', critical: '#b91c1c' } as const;
const RESOLVED = '#15803d';
/** The name by which the page shows the chart that is attached. */
export const CHART_ID = 'chart@tidemark';

/** A notice as a complete page that loads nothing from elsewhere. */
export function emailHtml(delivery: Delivery): string {
  const { notice, links, timezone, chart, others } = delivery;
  const colour = isUrgent(notice) ? colours[notice.severity] : RESOLVED;
  const rows = factsOfAll(delivery, timezone).map(
    ([label, value]) =>
      `<tr><th align="left" style="padding:3px 16px 3px 0;color:#555;font-weight:normal">${escapeHtml(label)}</th>` +
      `<td style="padding:3px 0">${escapeHtml(value)}</td></tr>`,
  );
  const link = (text: string, url: string) =>
    `<a href="${escapeHtml(url)}" style="display:inline-block;margin:0 8px 0 0;padding:8px 14px;color:#fff;` +
    `background:${colour};text-decoration:none;border-radius:4px">${text}</a>`;
  const buttons = [
    ...(links.alert === undefined ? [] : [link('Open', links.alert)]),
    ...(links.acknowledge === undefined ? [] : [link('Acknowledge', links.acknowledge)]),
    ...(notice.runbookUrl === undefined || others ? [] : [link('Runbook', notice.runbookUrl)]),
  ];
  const about =
    notice.description === undefined || others
      ? ''
      : `<p style="margin:0 0 16px;white-space:pre-line">${escapeHtml(notice.description)}</p>\n`;
  const caption = chart && captionOf(notice, chart, timezone);
  const picture =
    caption === undefined
      ? ''
      : `<p style="margin:0 0 16px"><img src="cid:${CHART_ID}" width="480" height="140" alt="${escapeHtml(caption)}"><br>
<span style="font-size:13px;color:#555">${escapeHtml(caption)}</span></p>\n`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(eventOfAll(delivery))}</title></head>
<body style="margin:0;padding:24px;font:15px/1.5 system-ui,sans-serif;color:#111">
<div style="max-width:560px;border-left:4px solid ${colour};padding-left:16px">
<h1 style="margin:0 0 8px;font-size:19px">${escapeHtml(eventOfAll(delivery))}</h1>
<p style="margin:0 0 16px">${escapeHtml(statementOfAll(delivery))}.</p>
${about}${picture}<table cellspacing="0" cellpadding="0" style="margin:0 0 16px;font-size:14px">
${rows.join('\n')}
</table>
${buttons.length === 0 ? '' : `<p style="margin:0">${buttons.join('')}</p>`}
</div>
</body></html>
`;
}
