import { expect, test } from 'vitest';
import { embeddedSettings } from './settings.ts';

const GiB = 1024 ** 3;

test('shared buffers are 256 MB, or an eighth of the memory of a small machine', () => {
  const sharedBuffers = (memoryBytes: number) =>
    embeddedSettings({ memoryBytes, cores: 2, sharedMemoryBytes: GiB }, true).shared_buffers;
  expect(sharedBuffers(32 * GiB)).toBe('256MB');
  expect(sharedBuffers(0.5 * GiB)).toBe('64MB');
  expect(sharedBuffers(0.05 * GiB)).toBe('16MB');
});

test('parallel queries work without /dev/shm where a container has little of it', () => {
  const machine = { memoryBytes: GiB, cores: 2 };
  expect(embeddedSettings({ ...machine, sharedMemoryBytes: GiB }, true)).not.toHaveProperty(
    'dynamic_shared_memory_type',
  );
  expect(embeddedSettings({ ...machine, sharedMemoryBytes: GiB / 16 }, true).dynamic_shared_memory_type).toBe(
    'mmap',
  );
});

test('statements are counted where the package supports it, and only libraries that it has are loaded', () => {
  const machine = { memoryBytes: GiB, cores: 2, sharedMemoryBytes: GiB };
  expect(embeddedSettings(machine, true).shared_preload_libraries).toBe('pg_stat_statements');
  expect(Object.keys(embeddedSettings(machine, false)).join()).not.toMatch(/pg_stat|preload/);
});
