import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { durationBuckets } from './duration-buckets.ts';

export function createAlertMetrics(registers: Registry[]) {
  return {
    /** `outcome`: ok or failed. */
    alertEvaluationSeconds: new Histogram({
      name: 'tidemark_alert_evaluation_duration_seconds',
      help: 'Duration of one evaluation of an alert rule, with all its groups.',
      labelNames: ['outcome'],
      buckets: durationBuckets,
      registers,
    }),
    alertWaitSeconds: new Counter({
      name: 'tidemark_alert_evaluation_wait_seconds_total',
      help: 'How long the evaluated alert rules had been due, in sum. It rises faster when rules wait for each other.',
      registers,
    }),
    /** `transition`: firing, told, still_firing, escalated, escalation_step or resolved. */
    alertTransitions: new Counter({
      name: 'tidemark_alert_transitions_total',
      help: 'Transitions of alerts that an evaluation caused, by transition.',
      labelNames: ['transition'],
      registers,
    }),
    /** Reads the lag, in seconds, whenever metrics are collected. */
    observeEvaluationLag(lag: () => number): void {
      new Gauge({
        name: 'tidemark_alert_evaluation_lag_seconds',
        help: 'How long the most overdue alert rule has been due; 0 if none is.',
        registers,
        collect() {
          this.set(lag());
        },
      });
    },
  };
}
