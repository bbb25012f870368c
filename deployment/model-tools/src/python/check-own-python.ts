import type { PythonEnvironment, PythonNeeds, PythonOptions } from './environment.js';
import { PythonError } from './python-error.js';
import { whyUnusable } from './why-unusable.js';

/** An interpreter that the user named: it is used as it is, when it has the modules. Throws PythonError. */
export async function checkOwnPython(
  python: string,
  needs: PythonNeeds,
  options: PythonOptions,
): Promise<PythonEnvironment> {
  const why = await whyUnusable(python, needs, options);
  if (why === undefined) return { python };
  const lists = needs.requirements.map(({ file }) => `-r ${file}`).join(' ');
  throw new PythonError(
    `EDGESLOT_PYTHON=${python} cannot be used (${why}); give it the packages with \`${python} -m pip install ${lists}\`, or unset it and an environment is made`,
  );
}
