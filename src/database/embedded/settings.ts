/** Settings of the embedded PostgreSQL: durable, for many small inserts and wide reads on one machine. */
import { statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

const MiB = 1024 * 1024;

export interface Machine {
  memoryBytes: number;
  cores: number;
  /** Size of /dev/shm, 0 where there is none. */
  sharedMemoryBytes: number;
}

export type Settings = Readonly<Record<string, string>>;

/** The machine that we run on. A container's memory limit counts as its memory. */
export function thisMachine(): Machine {
  const limit = process.constrainedMemory();
  const memoryBytes = limit > 0 && limit < totalmem() ? limit : totalmem();
  let sharedMemoryBytes = 0;
  try {
    const { bsize, blocks } = statfsSync('/dev/shm');
    sharedMemoryBytes = bsize * blocks;
  } catch {
    // No /dev/shm on this system.
  }
  return { memoryBytes, cores: availableParallelism(), sharedMemoryBytes };
}

/** Statement counts, to show the slowest statements. Utility commands such as COPY are left out. */
const countingStatements: Settings = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.max': '1000',
  'pg_stat_statements.track_utility': 'off',
};

/**
 * PostgreSQL settings for the machine. WAL is not compressed: the packaged build has neither lz4 nor zstd.
 * @param countStatements whether `pg_stat_statements` is installed; without it the server would not start
 */
export function embeddedSettings(machine: Machine, countStatements: boolean): Settings {
  const share = (part: number, most: number) =>
    `${Math.max(16, Math.min(most, Math.floor((machine.memoryBytes * part) / MiB)))}MB`;
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '60',
    shared_buffers: share(1 / 8, 256),
    effective_cache_size: share(1 / 2, 1024 * 1024),
    maintenance_work_mem: share(1 / 32, 128),
    work_mem: share(1 / 128, 16),
    // Docker gives containers 64 MB of /dev/shm, which is too little for parallel queries.
    ...(machine.sharedMemoryBytes > 0 &&
      machine.sharedMemoryBytes < 256 * MiB && { dynamic_shared_memory_type: 'mmap' }),
    max_parallel_workers_per_gather: machine.cores > 2 ? '2' : '1',
    jit: 'off',
    random_page_cost: '1.1',

    fsync: 'on',
    synchronous_commit: 'on',
    // It has no replicas, so WAL need not contain data for them.
    wal_level: 'minimal',
    max_wal_senders: '0',
    wal_buffers: '16MB',
    min_wal_size: '256MB',
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',

    autovacuum_naptime: '20s',
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_analyze_scale_factor: '0.02',
    track_io_timing: 'on',
    ...(countStatements && countingStatements),

    // The query of a killed client is cancelled.
    client_connection_check_interval: '5s',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %a ',
  };
}
