/**
 * The environment of a Python of ours: the user's (proxy, index, certificates), without what leads to other packages or
 * makes two runs differ.
 */
export function pythonSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PYTHONPATH: _path, PYTHONHOME: _home, PYTHONSTARTUP: _startup, ...kept } = env;
  return {
    // onnxruntime's usage events stay off, as in our own processes, unless the user wants them.
    ORT_DISABLE_TELEMETRY: '1',
    ...kept,
    PYTHONNOUSERSITE: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    // Sets of names have an order of their own in every run otherwise.
    PYTHONHASHSEED: '0',
    PYTHONUTF8: '1',
  };
}
