import { Counter, Gauge, type Registry } from 'prom-client';

export function createRedisMetrics(registers: Registry[]) {
  return {
    redisFailures: new Counter({
      name: 'tidemark_redis_failures_total',
      help: 'Redis commands that failed or timed out; the service went on without them.',
      registers,
    }),
    /** Reads whether Redis answers whenever metrics are collected. */
    observeRedis(isUp: () => boolean): void {
      new Gauge({
        name: 'tidemark_redis_up',
        help: '1 while Redis is connected; 0 while the service runs without it.',
        registers,
        collect() {
          this.set(Number(isUp()));
        },
      });
    },
  };
}
