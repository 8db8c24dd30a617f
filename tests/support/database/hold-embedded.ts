/** A program that holds the embedded database open until SIGTERM: `hold-embedded.ts DATA_DIR serve|join`. */
import { openEmbedded } from '../../../src/database/embedded/open-embedded.ts';

const [dataDir = '', mode] = process.argv.slice(2);

function write(line: object) {
  return process.stdout.write(`${JSON.stringify(line)}\n`);
}

function log(level: string) {
  return (details: object, message: string) =>
    process.stderr.write(`${level} ${message} ${JSON.stringify(details)}\n`);
}

try {
  const database = await openEmbedded({
    dataDir,
    mode: mode === 'join' ? 'join' : 'serve',
    log: { debug: log('debug'), info: log('info'), warn: log('warn') },
  });
  process.once('SIGTERM', async () => {
    await database.stop();
    process.exit();
  });
  const { connectionString, location, adopted } = database;
  write({ connectionString, location, adopted });
  setInterval(() => {}, 60_000);
} catch (error) {
  write({ error: String(error) });
  process.exitCode = 1;
}
