import { type DeleteOptions, deleteModel } from '../registry/delete.js';
import { listModels } from '../registry/list.js';
import { isDemoModel } from './existing.js';
import { TRAITS } from './traits.js';

/** Deletes every demo model but the newest of its name, as far as nothing uses it; returns the ids of those deleted. */
export async function removeSuperseded(
  modelsDir: string,
  usersOf: NonNullable<DeleteOptions['usersOf']>,
): Promise<string[]> {
  const removed: string[] = [];
  const demos = (await listModels(modelsDir)).filter(isDemoModel);
  for (const { model } of TRAITS) {
    const versions = demos.filter(({ name }) => name === model);
    for (const { id } of versions.slice(0, -1)) {
      // What cannot go now, because it is used or the directory is read-only, may go at a later start: no reason to stop.
      const gone = await deleteModel(modelsDir, id, { usersOf }).catch(() => undefined);
      if (gone !== undefined) removed.push(gone);
    }
  }
  return removed;
}
