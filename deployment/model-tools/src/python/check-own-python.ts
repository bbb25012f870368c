import type { PythonEnvironment, PythonNeeds, PythonOptions } from './environment.js';
import { PythonError } from './python-error.js';
import { runProgram } from './run-program.js';

const CHECK_MS = 120_000;

/** An interpreter that the user named: it is used as it is, when it has the modules. Throws PythonError. */
export async function checkOwnPython(
  python: string,
  { modules, requirements }: PythonNeeds,
  { env = process.env, signal }: PythonOptions,
): Promise<PythonEnvironment> {
  const options = { env, timeoutMs: CHECK_MS, ...(signal && { signal }) };
  const lists = requirements.map(({ file }) => `-r ${file}`).join(' ');
  const { code, errors } = await runProgram(python, ['-c', `import ${modules.join(', ')}`], options).catch(
    (error: Error) => {
      signal?.throwIfAborted();
      throw new PythonError(`EDGESLOT_PYTHON=${python} cannot be started: ${error.message}`);
    },
  );
  if (code === 0) return { python };
  const reason = errors.trim().split('\n').at(-1) ?? '';
  throw new PythonError(
    `EDGESLOT_PYTHON=${python} lacks packages (${reason}): \`${python} -m pip install ${lists}\`, or unset it and an environment is made`,
  );
}
