/** What can be checked of the files for containers, systemd and CI without a container engine. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { describe, expect, onTestFinished, test } from 'vitest';
import { settings } from '../../src/settings.ts';
import { version } from '../../src/version.ts';
import { skipUnless } from '../support/skip-unless.ts';

const root = join(import.meta.dirname, '../..');
function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const limitsOfMemory = scripts.start?.match(/--max-\S+/g) ?? [];
const names = new Set<string>(Object.values(settings).flatMap(({ env }) => [env, `${env}_FILE`]));
/** A tag that always means the same image: two dots at least, such as 7.4.5-bookworm or v3.5.0. */
const EXACT = /:v?\d+\.\d+\.\d+[\w.-]*$/;

describe('the Dockerfile', () => {
  const lines = read('Dockerfile')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  const of = (instruction: string) =>
    lines
      .filter((line) => line.startsWith(`${instruction} `))
      .map((line) => line.slice(instruction.length + 1));

  test('builds on an exact version of Node, in stages', () => {
    const [node = ''] = of('ARG').map((text) => text.replace('NODE=', ''));
    const images = of('FROM').map((text) => text.split(' ')[0]?.replace('${' + 'NODE}', node) ?? '');
    expect(images).toHaveLength(3);
    for (const image of images) expect(image).toMatch(EXACT);
  });

  test('copies only what the context has', () => {
    const context = read('.dockerignore').split('\n');
    const sources = of('COPY')
      .filter((text) => !text.startsWith('--from'))
      .flatMap((text) => text.split(' ').slice(0, -1));
    expect(sources.length).toBeGreaterThan(8);
    for (const source of sources) {
      expect(existsSync(join(root, source)), source).toBe(true);
      expect(context).toContain(`!${source}`);
    }
  });

  test('runs as a user with a number, with the limits of npm start and a health check that exists', () => {
    expect(of('USER')).toEqual(['1000:1000']);
    expect(JSON.parse(of('ENTRYPOINT')[0] ?? '')).toEqual(['node', ...limitsOfMemory, 'bin/tidemark.js']);
    const [path = ''] = /\/analytics\/v1[\w/]+/.exec(of('HEALTHCHECK')[0] ?? '') ?? [];
    expect(read('docs/openapi.json')).toContain(`"${path}"`);
  });
});

interface ComposeService {
  image: string;
  hostname?: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
}

describe('compose.yaml', () => {
  const { services } = load(read('compose.yaml')) as { services: Record<string, ComposeService> };

  test('uses exact versions, and ours', () => {
    for (const { image } of Object.values(services)) expect(image).toMatch(EXACT);
    expect(services.tidemark?.image).toBe(`tidemark:${version}`);
  });

  test('mounts only files that exist', () => {
    const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.filter((volume) => volume.startsWith('./')).map((volume) => volume.split(':')[0] ?? ''),
    );
    expect(mounted.length).toBeGreaterThan(4);
    expect(mounted.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('keeps what must be kept, and bounds Redis', () => {
    expect(services.rabbitmq?.hostname).toBe('rabbitmq');
    expect(services.tidemark?.volumes).toContain('tidemark:/data');
    expect(services.redis?.command?.join(' ')).toMatch(/--maxmemory \d+mb --maxmemory-policy allkeys-lru/);
  });

  test('gives the service only settings that exist, and puts no password of PostgreSQL into a URL', () => {
    const { PGPASSWORD, ...environment } = services.tidemark?.environment ?? {};
    expect(PGPASSWORD).toContain('POSTGRES_PASSWORD');
    expect(Object.keys(environment).filter((name) => !names.has(name))).toEqual([]);
    expect(environment.DATABASE_URL).not.toContain('$');
  });

  test('lets Grafana read with the role that may run four functions', () => {
    const sources = read('deploy/grafana/datasources.yml');
    expect(sources).toContain('user: tidemark_reader');
    expect(Object.keys(services.grafana?.environment ?? {})).not.toContain('POSTGRES_PASSWORD');
  });
});

describe('the Kubernetes file', () => {
  const text = read('deploy/kubernetes/tidemark.yaml');

  test('has a job that migrates, a deployment and a service, of this version', () => {
    const kinds = (loadAll(text) as { kind: string }[]).map(({ kind }) => kind);
    expect(kinds).toEqual(['Job', 'Deployment', 'Service']);
    expect(text.match(/image: \S+/g)).toEqual(
      Array(2).fill(`image: registry.example.com/tidemark:${version}`),
    );
  });

  test('probes paths and names settings that exist', () => {
    const paths = [...text.matchAll(/path: (\/analytics\S+),/g)].map(([, path]) => path);
    expect(paths).toHaveLength(3);
    for (const path of paths) expect(read('docs/openapi.json')).toContain(`"${path}"`);
    const used = [...text.matchAll(/name: ([A-Z_]+),/g)].map(([, name = '']) => name);
    expect(used.length).toBeGreaterThan(3);
    expect(used.filter((name) => !names.has(name))).toEqual([]);
  });
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe('the unit of systemd', () => {
  const unit = read('deploy/systemd/tidemark.service');

  test('starts the service with the limits of npm start, and leaves time to stop', () => {
    expect(unit.match(/--max-\S+/g)).toEqual(limitsOfMemory);
    expect(unit).toContain('KillMode=mixed');
    expect(Number(/TimeoutStopSec=(\d+)/.exec(unit)?.[1])).toBeGreaterThan(30);
  });

  test('is valid', skipUnless(hasSystemd, 'needs systemd-analyze'), async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-unit-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'tidemark.service');
    // Its program and account are those of the machine that it will run on.
    await writeFile(
      path,
      unit.replace(/ExecStart=\S+/, 'ExecStart=/bin/true').replace(/^(User|Group)=.*$/gm, ''),
    );
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

test('CI on GitHub runs .ci/run', () => {
  const { jobs } = load(read('.github/workflows/ci.yml')) as {
    jobs: { test: { steps: { run?: string }[] } };
  };
  expect(jobs.test.steps.map(({ run }) => run).join()).toContain('.ci/run');
});

describe('the release notes', () => {
  const notesOf = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'scripts/release-notes.ts'), ...args], { encoding: 'utf8' });

  test('are the section of the changelog', () => {
    expect(notesOf('0.1.0').stdout).toContain('### Added');
    expect(notesOf('0.1.0').stdout).not.toContain('## [');
  });

  test('of a version without a section are refused', () => {
    expect(notesOf('99.0.0')).toMatchObject({ status: 1, stdout: '' });
  });
});
