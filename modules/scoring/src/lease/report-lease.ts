import type { LeaseStatus } from './lease-status.js';

/** The reported section `lease`: plain JSON, within the twin's bounds. */
export function reportLease({ device, state, epoch, holder, text }: LeaseStatus) {
  return {
    device,
    state,
    text,
    ...(epoch !== undefined && { epoch }),
    ...(holder && {
      holder: {
        module: holder.module,
        pid: holder.pid,
        since: holder.since,
        ...(holder.model && { model: holder.model }),
      },
    }),
  };
}
