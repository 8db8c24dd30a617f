/** Writes docs/settings.md from the table of settings. `--check` only compares the file. */
import { type Setting, settings } from '../src/settings.ts';
import { writeGenerated } from './generated-file.ts';

const all = Object.values<Setting<unknown>>(settings);
const secrets = all.filter(({ secret }) => secret).map(({ env }) => `\`${env}\``);

const INTRODUCTION = `# Settings

Tidemark reads its settings from the environment when it starts. If a setting is invalid, the start fails with a message
that names every fault. An empty variable counts as unset. Durations are written like \`250ms\`, \`1s\`, \`15m\`, \`6h\` or
\`7d\`. Lists are separated by commas.

A secret may be in a file instead, as Docker and Kubernetes mount secrets. The variable with \`_FILE\` at its end, such as
\`DATABASE_URL_FILE\`, is then the path of that file. These settings are secrets: ${secrets.join(', ')}.

The start warns of a variable whose name is a letter off that of a setting, because it has no effect.

\`npm run settings\` writes this page. To change it, edit \`src/settings.ts\`.
`;

const rows = all.map(
  ({ env, default: value, meaning }) => `| \`${env}\` | ${value ? `\`${value}\`` : ''} | ${meaning} |`,
);
const table = ['| Variable | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n');

const CLOSING = 'Next: [operating.md](operating.md) describes how to run the service.';

await writeGenerated('docs/settings.md', `${INTRODUCTION}\n${table}\n\n${CLOSING}\n`, 'settings');
