/**
 * Writes the rules of Prometheus, for `rule_files` and for the Prometheus Operator; with `--check` it only says whether
 * they are up to date. `--repository` and `--grafana` set where the links of the alerts lead.
 */
import { parseArgs } from 'node:util';
import { writeGenerated } from './generated-file.ts';
import { operatorFile, rulesFile } from './prometheus-rules/rule-files.ts';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean' },
    repository: { type: 'string', default: 'https://git.example.com/tidemark' },
    grafana: { type: 'string', default: 'http://localhost:3000' },
  },
});

await writeGenerated('dashboards/alerts.yml', rulesFile(values), 'prometheus-rules');
await writeGenerated('deploy/prometheus-rule.yaml', operatorFile(values), 'prometheus-rules');
