export { Lease, type LeaseOptions } from './lease.js';
export type { LeaseStatus } from './lease-status.js';
export { reportLease } from './report-lease.js';
