export { Lease, type LeaseOptions } from './lease.js';
export type { LeaseStatus } from './lease-status.js';
export { openLease } from './open-lease.js';
export { reportLease } from './report-lease.js';
