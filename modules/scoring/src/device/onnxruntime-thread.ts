import type { ResourceLimits } from 'node:worker_threads';

/**
 * Limits of a worker that loads onnxruntime. Version 1.30 reads the command line of the process when it is loaded, by
 * recursion over its characters: on Node's 4 MB of stack some 14,000 of them end the process with SIGSEGV. Pages of a
 * stack that are never touched cost no memory.
 */
export const ONNXRUNTIME_THREAD: ResourceLimits = { stackSizeMb: 32 };

/**
 * Keeps onnxruntime from sending usage events to its maker and from leaving an id of the host, a database and a log file
 * per process in home and temporary folders, which its builds for Linux and macOS do (microsoft/onnxruntime,
 * docs/Privacy.md): a device in a plant talks to whom its operator chose. A value that the user set stands.
 *
 * onnxruntime looks once, when a process makes its first session, and in the environment of the process, of which worker
 * threads have a mere copy: to be called before the first of them starts.
 */
export function quietOnnxruntime(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}
