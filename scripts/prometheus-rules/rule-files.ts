import { dump } from 'js-yaml';
import { orgRules } from './org-rules.ts';
import type { PrometheusRule, RuleGroup } from './rule.ts';
import { dataRules, resourceRules, serviceRules } from './service-rules.ts';

/** Every group of rules. */
const ruleGroups: readonly RuleGroup[] = [
  { name: 'tidemark-service', rules: serviceRules },
  { name: 'tidemark-data', rules: dataRules },
  { name: 'tidemark-resources', rules: resourceRules },
  { name: 'tidemark-orgs', rules: orgRules },
];

/** Where the links of alerts lead. */
export interface LinkTargets {
  /** The repository, as people read it in the browser. */
  repository: string;
  grafana: string;
}

function ruleOf({ repository, grafana }: LinkTargets) {
  return ({ name, expr, for: held, severity, summary, description, dashboard }: PrometheusRule) => ({
    alert: name,
    expr,
    ...(held !== '0m' && { for: held }),
    labels: { severity },
    annotations: {
      summary,
      description,
      runbook_url: `${repository}/blob/main/docs/runbooks/incident-response.md#${name.toLowerCase()}`,
      dashboard_url: `${grafana}/d/${dashboard}`,
    },
  });
}

function groupsFor(targets: LinkTargets) {
  return ruleGroups.map(({ name, rules }) => ({ name, rules: rules.map(ruleOf(targets)) }));
}

const WRITTEN_BY =
  '# Written by `npm run prometheus-rules`; change scripts/prometheus-rules/ instead. To have links of your own:\n' +
  '# npm run prometheus-rules -- --repository=https://… --grafana=https://…\n';

function yaml(content: object): string {
  return dump(content, { lineWidth: 120, noRefs: true });
}

/** The rules as a file of `rule_files` of Prometheus. */
export function rulesFile(targets: LinkTargets): string {
  return `${WRITTEN_BY}${yaml({ groups: groupsFor(targets) })}`;
}

/** The rules as the Prometheus Operator takes them. */
export function operatorFile(targets: LinkTargets): string {
  const resource = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'tidemark', labels: { 'app.kubernetes.io/name': 'tidemark' } },
    spec: { groups: groupsFor(targets) },
  };
  return `${WRITTEN_BY}${yaml(resource)}`;
}
