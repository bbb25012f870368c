import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How the fake behaves; by default all goes well. */
export interface FakePythonOptions {
  readonly version?: string;
  /** What `pip install` does. */
  readonly pip?: 'works' | 'fails' | 'hangs';
  /** Modules that it does not have. */
  readonly lacks?: string;
  /** A JavaScript file that is run for every script. */
  readonly script?: string;
}

export interface FakePython {
  /** A folder for `PATH`, with nothing but `python3` in it and what that needs. */
  readonly bin: string;
  readonly python: string;
  /** Every call with its arguments, one a line. */
  calls(): Promise<string[]>;
}

/** A `python3` that makes environments of itself and notes what it is asked for, so that no test needs a real one. */
export async function fakePython(folder: string, options: FakePythonOptions = {}): Promise<FakePython> {
  const { version = '3.12', pip = 'works', lacks = '', script = '' } = options;
  const bin = join(folder, 'fake-bin');
  const log = join(folder, 'python-calls');
  const python = join(bin, 'python3');
  await mkdir(bin, { recursive: true });
  await writeFile(log, '');
  const pips = {
    works: 'echo "Collecting numpy==1"; echo "Installing collected packages: numpy"',
    fails: 'echo "WARNING: retrying" >&2; echo "ERROR: No matching distribution found for numpy==1" >&2; exit 1',
    // A child of its own, as pip has: it must not outlive an abort.
    hangs: `echo "Collecting numpy==1"; sleep 600 & echo $! > '${folder}/pip-child'; wait`,
  };
  await writeFile(
    python,
    `#!/bin/sh
echo "$*" >> '${log}'
case "$1 $2" in
  "-c import sys"*) echo 'python ${version}' ;;
  "-c import "*) ${lacks ? `echo "ModuleNotFoundError: No module named '${lacks}'" >&2; exit 1` : ':'} ;;
  "-m venv") /bin/mkdir -p "$3/bin"; /bin/cp "$0" "$3/bin/python" ;;
  "-m pip") PATH=/bin:/usr/bin; ${pips[pip]} ;;
  *) ${script ? `exec '${process.execPath}' '${script}'` : 'exit 3'} ;;
esac
`,
  );
  await chmod(python, 0o755);
  const calls = async () => (await readFile(log, 'utf8')).split('\n').filter(Boolean);
  return { bin, python, calls };
}
