/**
 * The import order of src/. Data flows one way, so imports do too: a file imports from its own place and from the
 * places before it in this list, never from a place after it. Each line is a place in src/: a folder, files of one
 * idea, or both. `docs/architecture.md` shows the same list.
 */
const layers = [
  'errors',
  'time|version|command-line|decimal|reserved-names|environment-proxy|plain-text|make-directory|loopback',
  'events',
  'setting|settings|setting-text|config',
  'telemetry',
  'jobs',
  'shares',
  'database',
  'orgs',
  'quotas',
  'auth',
  'prices',
  'formats',
  'series',
  'ingestion',
  'rollups',
  'queries',
  'notifications',
  'alerts',
  'exports',
  'backup',
  'erasure',
  'doctor',
  'http',
  'app',
  'demo',
  'cli',
  'main',
];

/**
 * The same between the rooms of a folder. `rest` stands for the files of the folder itself that no other line names.
 * A folder that is not listed has no rooms.
 */
const rooms = {
  telemetry: ['metrics', 'rest', 'prometheus'],
  events: [
    'all-orgs|json-object|max-events|columns|timestamp|field|labels|pricing|sketch-bin|event-type|success-counts',
    'types',
    'rest',
  ],
  database: ['rest', 'extensions', 'schema', 'embedded'],
  prices: ['read-millis|price-change|price-periods', 'models', 'import', 'rest'],
  auth: ['rest', 'sessions'],
  ingestion: ['recent', 'copy-in', 'spans', 'rest', 'rabbitmq', 'files'],
  rollups: [
    'grains|snapshot|stored-up-to|folds|org-removals',
    'rows',
    'fold',
    'books',
    'upkeep',
    'remake',
    'reconcile',
    'rest',
  ],
  queries: ['reading', 'models', 'ml', 'business', 'health', 'dashboard', 'events', 'orgs'],
  notifications: ['notice', 'chart', 'channels', 'routing', 'outbox', 'rest'],
  alerts: ['rules', 'silences', 'decision', 'observing', 'history', 'evaluation', 'configs', 'preview'],
  exports: [
    'request|label-use|failure',
    'writing',
    'events',
    'charges',
    'dataset',
    'datasets',
    'jobs',
    'periods',
    'delivery',
    'running',
  ],
  http: [
    'fields',
    'browser',
    'shell',
    'shares',
    'csv',
    'console',
    'figures',
    'events',
    'tools',
    'alerts',
    'notifications',
    'exports',
    'admin',
    'auth',
    'rest',
  ],
  cli: ['rest', 'commands'],
};

/** A pattern of paths for everything that the lines name. */
const within = (folder, lines) => `^${folder}/(${lines.join('|')})(/|\\.)`;

/** One rule for each line: it imports nothing from the lines after it. */
const ordered = (folder, lines, patternOf) =>
  lines.slice(0, -1).map((line, index) => ({
    name: `${folder.replace(/^src\/?/, '') || 'src'}: ${line.split('|')[0]} imports nothing that comes after it`,
    comment: `${line} comes before what it imports here. Move the shared piece down, or turn the call around.`,
    severity: 'error',
    from: { path: patternOf([line]) },
    to: { path: patternOf(lines.slice(index + 1)) },
  }));

/** `rest` matches a file directly in the folder whose name no other line has. */
const patternOfRooms = (folder, lines) => (wanted) => {
  const named = lines.filter((line) => line !== 'rest');
  const patterns = wanted.filter((line) => line !== 'rest').map((line) => within(folder, [line]));
  if (wanted.includes('rest')) patterns.push(`^${folder}/(?!(${named.join('|')})\\.)[^/]+$`);
  return patterns.join('|');
};

const importsGoDown = [
  ...ordered('src', layers, (lines) => within('src', lines)),
  ...Object.entries(rooms).flatMap(([name, lines]) =>
    ordered(`src/${name}`, lines, patternOfRooms(`src/${name}`, lines)),
  ),
];

/** A folder below a folder with rooms is one of its rooms. */
const everyRoomIsListed = Object.entries(rooms).map(([name, lines]) => ({
  name: `${name}: every room is listed`,
  comment: `A folder in src/${name}/ that the list of rooms does not name.`,
  severity: 'error',
  from: {},
  to: { path: `^src/${name}/[^/]+/`, pathNot: within(`src/${name}`, lines) },
}));

const test = '\\.test\\.ts$';

module.exports = {
  forbidden: [
    ...importsGoDown,
    ...everyRoomIsListed,
    {
      name: 'every-file-has-a-layer',
      comment: 'A file or folder of src/ that the list of layers does not name.',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: within('src', layers) },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one idea, or share a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'Nothing imports it, and it imports nothing.',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: [test, '^src/main\\.ts$', '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'events-are-pure',
      comment: 'What an event is can be decided without any I/O.',
      severity: 'error',
      from: { path: '^src/events/', pathNot: test },
      to: {
        dependencyTypes: ['core', 'npm'],
        pathNot: '^(node:)?crypto$|node_modules/(typebox|xxhash-wasm)/',
      },
    },
    {
      name: 'formats-are-pure',
      comment:
        'Every source reads events through formats/: they know what an event is, and nothing of a source.',
      severity: 'error',
      from: { path: '^src/formats/', pathNot: test },
      to: { path: '^src/', pathNot: '^src/(formats|events)/|^src/(errors|time|config)\\.ts$' },
    },
    {
      name: 'only-http-speaks-http',
      comment: 'Features know nothing of requests and replies: they throw coded errors and return values.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(http/|app)|${test}` },
      to: { path: 'node_modules/@?fastify/' },
    },
    {
      name: 'the-service-stands-alone',
      comment: 'The service runs without the tests, the benchmarks and the development tools.',
      severity: 'error',
      from: { path: '^src/', pathNot: test },
      to: { path: '^(tests|bench|scripts)/' },
    },
    {
      name: 'only-the-demo-uses-the-client',
      comment: 'The demo sends as an application does. The service itself needs no client.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/demo/' },
      to: { path: '^client/' },
    },
    {
      name: 'the-client-stands-alone',
      comment: 'It goes into applications of others: nothing of the service, and no package but for types.',
      severity: 'error',
      from: { path: '^client/src/', pathNot: test },
      to: { pathNot: '^client/src/|node_modules/@ai-sdk/provider/' },
    },
    {
      name: 'the-console-stands-alone',
      comment: 'It runs in a browser and knows the service by docs/openapi.json alone.',
      severity: 'error',
      from: { path: '^console/src/', pathNot: test },
      to: { path: '^(src|client|tests|bench|scripts)/', dependencyTypesNot: ['npm', 'npm-dev'] },
    },
    {
      name: 'pages-stand-alone',
      comment: 'A page imports what is shared, and not another page. Move the shared piece out of the page.',
      severity: 'error',
      from: { path: '^console/src/pages/([^/]+)/' },
      to: { path: '^console/src/pages/', pathNot: '^console/src/pages/$1/' },
    },
    {
      name: 'the-service-needs-no-console',
      comment: 'It serves what is built of it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^console/' },
    },
    {
      name: 'no-development-dependencies',
      comment: 'The service needs it, so it belongs into `dependencies`.',
      severity: 'error',
      from: { path: '^src/', pathNot: test },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'what-is-imported-exists',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'names-say-something',
      comment: 'Name a file for its one idea; import from where a thing is, not through an index.',
      severity: 'error',
      from: {},
      to: { path: '/(index|utils?|helpers?|common|manager|misc)[/.]', pathNot: 'node_modules' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(data|demo-data|coverage|client/dist|console/dist)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
