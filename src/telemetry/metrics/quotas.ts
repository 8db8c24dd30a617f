import { Gauge, type Registry } from 'prom-client';

export function createQuotaMetrics(registers: Registry[]) {
  return {
    /** `level`: near (at least 80 %) or reached. Only workers measure. */
    quotaOrgs: new Gauge({
      name: 'tidemark_quota_orgs',
      help: 'Orgs that use at least 80 % of a quota (near) or all of it (reached), by quota.',
      labelNames: ['quota', 'level'],
      registers,
    }),
  };
}
