import { randomUUID } from 'node:crypto';
import { lstat, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { markOf, type ProcessMark, RUN_DIR_PREFIX, stillLives } from '@edgeslot/edge-runtime/control-client';
import { PROCESS_HOME } from '@edgeslot/model-tools/process-home';
import type { ModelId } from '@edgeslot/scoring/model';

/** What an `edgeslot serve` leaves for others of this user to find: one file each, beside the runtimes' run directories. */
interface ServingRecord extends ProcessMark, ModelId {
  readonly modelsDir: string;
}

/** Process ids mean nothing elsewhere: records of other PID namespaces that share the folder are left alone. */
const PREFIX = `${RUN_DIR_PREFIX}serve-${PROCESS_HOME}-`;

/** Tells that this process holds a model, from before it is loaded. The function returned takes that back. */
export async function recordServing(
  modelsDir: string,
  { name, version }: ModelId,
  folder = tmpdir(),
): Promise<() => Promise<void>> {
  const file = join(folder, `${PREFIX}${process.pid}.json`);
  const record: ServingRecord = { ...(await markOf(process.pid)), modelsDir: await realPath(modelsDir), name, version };
  const draft = join(folder, `${RUN_DIR_PREFIX}draft-${randomUUID()}`);
  await writeFile(draft, JSON.stringify(record), { flag: 'wx', mode: 0o600 });
  await rename(draft, file).catch(async (error) => {
    await rm(draft, { force: true });
    throw error;
  });
  return () => rm(file, { force: true });
}

/** Ids of the living processes that serve a model of a models directory. Records of dead ones are removed. */
export async function servingProcesses(
  modelsDir: string,
  wanted: ModelId,
  folders: readonly string[] = [tmpdir(), '/tmp'],
): Promise<number[]> {
  const wantedDir = await realPath(modelsDir);
  const pids: number[] = [];
  for (const folder of new Set(folders)) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((one) => one.startsWith(PREFIX))) {
      const record = await readRecord(join(folder, name));
      if (record?.modelsDir === wantedDir && record.name === wanted.name && record.version === wanted.version)
        pids.push(record.pid);
    }
  }
  return pids.sort((a, b) => a - b);
}

async function readRecord(file: string): Promise<ServingRecord | undefined> {
  try {
    const stats = await lstat(file);
    // The folder is everybody's: what another user left there is no record.
    if (!stats.isFile() || stats.uid !== (process.getuid?.() ?? stats.uid)) return undefined;
    const record = JSON.parse(await readFile(file, 'utf8')) as ServingRecord;
    if (await stillLives(record)) return record;
  } catch {
    // No record at all, or gone since the folder was read.
  }
  await rm(file, { force: true }).catch(() => {});
  return undefined;
}

function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}
