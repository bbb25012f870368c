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
