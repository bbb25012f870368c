/** Public: managed Python environments for the tools that exist in Python only. */

export { ensurePython } from './ensure-python.js';
export type { PythonEnvironment, PythonNeeds, PythonOptions, RequirementsFile } from './environment.js';
export { PythonError } from './python-error.js';
export { type RunScriptOptions, runScript } from './run-script.js';
