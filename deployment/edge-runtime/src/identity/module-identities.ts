export interface ModuleIdentity {
  readonly moduleId: string;
  readonly generationId: string;
  /** Symmetric key the workload API signs with; never leaves the runtime. */
  readonly key: Buffer;
}

export interface ModuleIdentities {
  /** The identity of a module, made and persisted on first use. */
  get(moduleId: string): Promise<ModuleIdentity>;
  /** The identity if there is one already. */
  find(moduleId: string): ModuleIdentity | undefined;
  remove(moduleId: string): Promise<void>;
}

/** `dir` is created 0700; one file 0600 per module. */
export declare function openModuleIdentities(dir: string): Promise<ModuleIdentities>;
