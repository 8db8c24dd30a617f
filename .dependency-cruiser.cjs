/**
 * The import order of src/, made mechanical. Data flows one way, so imports do: a file imports from its
 * own layer and from those before it in this list, never from one after it.
 */
const layers = [
  { name: 'errors', path: 'errors' },
  { name: 'time', path: 'time' },
  { name: 'config', path: '(config|settings?)' },
  { name: 'telemetry', path: 'telemetry' },
  { name: 'rounds', path: 'rounds' },
  { name: 'events', path: 'events' },
  { name: 'database', path: 'database' },
  { name: 'auth', path: 'auth' },
  { name: 'prices', path: 'prices' },
  { name: 'ingestion', path: 'ingestion' },
  { name: 'rollups', path: 'rollups' },
  { name: 'queries', path: 'queries' },
  { name: 'notifications', path: 'notifications' },
  { name: 'alerts', path: 'alerts' },
  { name: 'exports', path: 'exports' },
  { name: 'http', path: 'http' },
  { name: 'app', path: 'app' },
  { name: 'demo', path: 'demo' },
  { name: 'cli', path: 'cli' },
  { name: 'main', path: 'main' },
];

/** A layer is a folder, a file, or both: `errors.ts`, `queries/…`. */
const within = (paths) => `^src/(${paths.join('|')})(/|\\.)`;

const importsGoDown = layers.slice(0, -1).map(({ name, path }, index) => ({
  name: `${name}-imports-go-down`,
  comment: `${name} comes before what it imports here. Move the shared piece down, or turn the call around.`,
  severity: 'error',
  from: { path: within([path]) },
  to: { path: within(layers.slice(index + 1).map((later) => later.path)) },
}));

const test = '\\.test\\.ts$';

module.exports = {
  forbidden: [
    ...importsGoDown,
    {
      name: 'every-file-has-a-layer',
      comment: 'A file or folder of src/ that the list of layers does not name.',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: within(layers.map((layer) => layer.path)) },
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
    exclude: { path: '^(data|demo-data|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
