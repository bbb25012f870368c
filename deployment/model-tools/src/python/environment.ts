/** A list of packages for pip, and how it is installed. */
export interface RequirementsFile {
  /** Absolute path. */
  readonly file: string;
  /** pip's options; by default nothing is installed that the list does not name, and nothing is compiled. */
  readonly options?: readonly string[];
}

/** What a Python must have for a script of ours. */
export interface PythonNeeds {
  /** Names the environment's folder. */
  readonly name: string;
  /** Versions of Python that the packages have wheels for, best first, e.g. `3.13`. */
  readonly versions: readonly string[];
  /** One after the other. */
  readonly requirements: readonly RequirementsFile[];
  /** Modules that must be importable. */
  readonly modules: readonly string[];
}

export interface PythonOptions {
  /** Where environments are kept, and what the user set; default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** One short text for each step; the first tells that this is done once. */
  readonly onStep?: (text: string) => void;
}

export interface PythonEnvironment {
  /** The interpreter. */
  readonly python: string;
  /** Folder of the environment; none with a Python of the user's own. */
  readonly folder?: string;
}
