import type { ResourceLimits } from 'node:worker_threads';

/**
 * Limits of a worker that loads onnxruntime. Version 1.30 reads the command line of the process when it is loaded, by
 * recursion over its characters: on Node's 4 MB of stack some 14,000 of them end the process with SIGSEGV. Pages of a
 * stack that are never touched cost no memory.
 */
export const ONNXRUNTIME_THREAD: ResourceLimits = { stackSizeMb: 32 };
