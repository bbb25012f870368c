import type { RestartPolicy } from '../manifest/deployment.js';

export const RECONCILE_INTERVAL_MS = 5_000;
export const MAX_RESTARTS = 20;
export const HEALTHY_AFTER_MS = 10 * 60_000;
const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 300_000;

export type RestartDecision =
  | { readonly kind: 'stay' }
  | { readonly kind: 'failed' }
  /** `counted` restarts raise restartCount. */
  | { readonly kind: 'restart'; readonly at: number; readonly counted: boolean };

/** min(10 · 2^n, 300) seconds (iotedge: edge-agent RestartPolicyManager.cs). */
export function backoffMs(restartCount: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** restartCount, LONGEST_BACKOFF_MS);
}

/**
 * What becomes of a module that ended by itself while it should run. Exit code 0 is started again without being counted
 * under every policy but `never`, and `always` counts it too (iotedge: RestartPolicyManager.cs, HealthRestartPlanner.cs).
 */
export function decideRestart(
  policy: RestartPolicy,
  exitCode: number,
  restartCount: number,
  exitTime: number,
  now: number,
): RestartDecision {
  if (policy === 'never') return { kind: 'stay' };
  if (exitCode === 0 && policy !== 'always')
    return { kind: 'restart', at: exitTime + RECONCILE_INTERVAL_MS, counted: false };
  if (restartCount >= MAX_RESTARTS) return { kind: 'failed' };
  // A clock that was set back must not keep a module down.
  if (exitTime > now) return { kind: 'restart', at: now, counted: true };
  return { kind: 'restart', at: exitTime + backoffMs(restartCount), counted: true };
}
