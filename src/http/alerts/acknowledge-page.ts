import type { ListedAlert } from '../../alerts/history/alert-history.ts';
import { escapeHtml } from '../../notifications/notice/escape-html.ts';
import { withoutHidden } from '../../plain-text.ts';

/** The page loads nothing, no other page may frame it, and its form can only be sent to this server. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-robots-tag': 'noindex',
} as const;

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
body { margin: 0 auto; padding: 24px; max-width: 560px; font: 16px/1.5 system-ui, sans-serif; color: #111; }
h1 { font-size: 20px; }
th { padding: 2px 16px 2px 0; text-align: left; font-weight: normal; color: #555; }
button { padding: 10px 20px; border: 0; border-radius: 4px; font: inherit; color: #fff; background: #b91c1c; }
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${content}
</body>
</html>
`;
}

/** @param person the person whom the link was sent to; absent: several may have it, so the page asks for a name */
function nameField(person: string | undefined): string {
  if (person !== undefined) return `<p>You are ${escapeHtml(withoutHidden(person))}.</p>`;
  return `<p><label>Your name: <input name="name" required maxlength="${MOST_OF_NAME}" autocomplete="name"></label></p>`;
}

/** The longest name that the form takes; characters. */
export const MOST_OF_NAME = 80;

/** The page of an alert. While it is open, a button acknowledges it by a POST to the address of the page. */
export function alertPage(alert: ListedAlert, person: string | undefined): string {
  const facts: [string, string | number | null][] = [
    ['State', alert.workflow],
    ['Acknowledged by', alert.acknowledgedBy],
    ['Severity', alert.severity],
    ['Org', alert.orgId ?? 'all'],
    ['Metric', alert.metric],
    ['Value when it fired', alert.valueText],
    ['Threshold', alert.thresholdText],
    ['Fired at', alert.triggeredAt],
    ['Resolved at', alert.resolvedAt],
  ];
  const rows = facts
    .filter(([, value]) => value !== null)
    .map(
      ([label, value]) => `<tr><th>${label}</th><td>${escapeHtml(withoutHidden(String(value)))}</td></tr>`,
    );
  const form =
    alert.workflow === 'open'
      ? `<form method="post">${nameField(person)}<button type="submit">Acknowledge</button></form>`
      : '';
  // Relative to the path of this page, so it works behind a proxy that serves us below a path.
  const link = `<p><a href="../../../../console/alerts/${encodeURIComponent(alert.id)}">Open it in the console</a></p>`;
  return page(withoutHidden(titleOf(alert)), `<table>\n${rows.join('\n')}\n</table>\n${form}\n${link}`);
}

/** The page of several alerts that one message told. Buttons of one form acknowledge each, or all. */
export function alertsPage(alerts: readonly ListedAlert[], person: string | undefined): string {
  const rows = alerts.map((alert) => {
    const said = [titleOf(alert), alert.severity, alert.valueText ?? 'no data', stateOf(alert)];
    const button =
      alert.workflow === 'open'
        ? `<button type="submit" name="alert" value="${escapeHtml(alert.id)}">Acknowledge</button>`
        : '';
    const cells = said.map((text) => `<td>${escapeHtml(withoutHidden(text))}</td>`).join('');
    return `<tr>${cells}<td>${button}</td></tr>`;
  });
  const open = alerts.filter(({ workflow }) => workflow === 'open').length;
  const all = open > 1 ? `<p><button type="submit">Acknowledge all ${open}</button></p>` : '';
  const table = `<table>\n${rows.join('\n')}\n</table>`;
  const content = open === 0 ? table : `<form method="post">${nameField(person)}\n${all}\n${table}</form>`;
  return page(`${alerts.length} alerts`, content);
}

function stateOf({ workflow, acknowledgedBy }: ListedAlert): string {
  return workflow === 'acknowledged' ? `acknowledged by ${acknowledgedBy ?? 'somebody'}` : workflow;
}

function titleOf(alert: ListedAlert): string {
  const group = Object.entries(alert.group).map(([dimension, value]) => `${dimension} ${value}`);
  return group.length === 0 ? alert.name : `${alert.name} (${group.join(', ')})`;
}

/** The page of an error. */
export function problemPage(title: string, detail: string): string {
  return page(title, `<p>${escapeHtml(detail)}</p>`);
}
