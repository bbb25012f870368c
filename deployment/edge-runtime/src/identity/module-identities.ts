import { randomBytes, randomInt } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listFinished, writeFileAtomic } from '../storage/write-file-atomic.js';

export interface ModuleIdentity {
  readonly moduleId: string;
  /** Opaque digits, as IoT Hub gives them; a removed and re-created module gets others. */
  readonly generationId: string;
  /** Symmetric key the workload API signs with; never leaves the runtime. */
  readonly key: Buffer;
}

export interface ModuleIdentities {
  /** The identity of a module, made and persisted on first use. */
  get(moduleId: string): Promise<ModuleIdentity>;
  /** The identity if there is one already. */
  find(moduleId: string): ModuleIdentity | undefined;
  names(): readonly string[];
  remove(moduleId: string): Promise<void>;
}

const SUFFIX = '.json';

/** `dir` is created 0700; one file 0600 per module. */
export async function openModuleIdentities(dir: string): Promise<ModuleIdentities> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const identities = new Map<string, ModuleIdentity>();
  for (const name of await listFinished(dir)) {
    if (!name.endsWith(SUFFIX)) continue;
    const identity = await load(join(dir, name));
    if (identity !== undefined) identities.set(identity.moduleId, identity);
  }
  const making = new Map<string, Promise<ModuleIdentity>>();
  const pathOf = (moduleId: string) => join(dir, `${encodeURIComponent(moduleId)}${SUFFIX}`);

  async function make(moduleId: string): Promise<ModuleIdentity> {
    const identity = { moduleId, generationId: newGenerationId(), key: randomBytes(32) };
    await writeFileAtomic(pathOf(moduleId), JSON.stringify({ ...identity, key: identity.key.toString('base64') }));
    identities.set(moduleId, identity);
    return identity;
  }

  return {
    find: (moduleId) => identities.get(moduleId),
    names: () => [...identities.keys()],
    async get(moduleId) {
      const known = identities.get(moduleId);
      if (known !== undefined) return known;
      // Two callers at once must get one key, not two.
      let pending = making.get(moduleId);
      if (pending === undefined) {
        pending = make(moduleId).finally(() => making.delete(moduleId));
        making.set(moduleId, pending);
      }
      return pending;
    },
    async remove(moduleId) {
      await making.get(moduleId);
      identities.delete(moduleId);
      await rm(pathOf(moduleId), { force: true });
    },
  };
}

async function load(path: string): Promise<ModuleIdentity | undefined> {
  try {
    const { moduleId, generationId, key } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    if (typeof moduleId !== 'string' || typeof generationId !== 'string' || typeof key !== 'string') return undefined;
    return { moduleId, generationId, key: Buffer.from(key, 'base64') };
  } catch {
    // A damaged file is replaced when the module is next asked for.
    return undefined;
  }
}

function newGenerationId(): string {
  return `${Date.now()}${String(randomInt(100_000)).padStart(5, '0')}`;
}
