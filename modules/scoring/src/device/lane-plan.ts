export interface LanePlan {
  readonly lanes: number;
  readonly threadsPerLane: number;
}

/** A lane of more threads gains little: one frame does not fill them. */
const THREADS_OF_A_LANE = 4;
/** Weights, activations and buffers of one float32 ResNet-152 lane. */
const BYTES_OF_A_LANE = 768 * 2 ** 20;

/**
 * How many lanes, of how many threads. Every lane holds the weights once more, so all of them may take half of the
 * memory at most; one lane with all threads answers soonest when frames come one by one.
 */
export function planLanes(choice: 'auto' | LanePlan, cores: number, memoryBytes: number): LanePlan {
  if (choice !== 'auto') return choice;
  const byCores = Math.max(1, Math.floor(cores / THREADS_OF_A_LANE));
  const byMemory = Math.max(1, Math.floor(memoryBytes / 2 / BYTES_OF_A_LANE));
  const lanes = Math.min(byCores, byMemory);
  return { lanes, threadsPerLane: Math.max(1, Math.floor(cores / lanes)) };
}
