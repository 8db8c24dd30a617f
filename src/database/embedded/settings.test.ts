import { expect, test } from 'vitest';
import { embeddedSettings } from './settings.ts';

const GiB = 1024 ** 3;

test('a machine with memory gets 256 MB of shared buffers, a small one an eighth of what it has', () => {
  const sharedBuffers = (memoryBytes: number) =>
    embeddedSettings({ memoryBytes, cores: 2, sharedMemoryBytes: GiB }, true).shared_buffers;
  expect(sharedBuffers(32 * GiB)).toBe('256MB');
  expect(sharedBuffers(0.5 * GiB)).toBe('64MB');
  expect(sharedBuffers(0.05 * GiB)).toBe('16MB');
});

test('parallel queries do without /dev/shm where a container has little of it', () => {
  const machine = { memoryBytes: GiB, cores: 2 };
  expect(embeddedSettings({ ...machine, sharedMemoryBytes: GiB }, true)).not.toHaveProperty(
    'dynamic_shared_memory_type',
  );
  expect(embeddedSettings({ ...machine, sharedMemoryBytes: GiB / 16 }, true).dynamic_shared_memory_type).toBe(
    'mmap',
  );
});

test('statements are counted where the package can, and nothing is loaded that it has not', () => {
  const machine = { memoryBytes: GiB, cores: 2, sharedMemoryBytes: GiB };
  expect(embeddedSettings(machine, true).shared_preload_libraries).toBe('pg_stat_statements');
  expect(Object.keys(embeddedSettings(machine, false)).join()).not.toMatch(/pg_stat|preload/);
});
