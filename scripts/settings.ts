/** Writes docs/settings.md from the table of settings; with `--check` it only says whether the file is up to date. */
import { type Setting, settings } from '../src/settings.ts';
import { writeGenerated } from './generated-file.ts';

const INTRODUCTION = `# Settings

Tidemark reads its settings from the environment, all at once and before anything else: one that will not do
stops the start, and every fault is named. An empty variable counts as unset. Durations are written like
\`250ms\`, \`1s\`, \`15m\`, \`6h\` or \`7d\`; lists are separated by commas.

Written by \`npm run settings\`; change \`src/settings.ts\` instead.
`;

const rows = Object.values<Setting<unknown>>(settings).map(
  ({ env, default: value, meaning }) => `| \`${env}\` | ${value ? `\`${value}\`` : ''} | ${meaning} |`,
);
const table = ['| Variable | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n');

await writeGenerated('docs/settings.md', `${INTRODUCTION}\n${table}\n`, 'settings');
