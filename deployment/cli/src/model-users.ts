import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RuntimeStatus } from '@edgeslot/edge-runtime';
import { type ControlClient, connectControl, listRuntimes } from '@edgeslot/edge-runtime/control-client';
import { type ModelId, resolveModel } from '@edgeslot/scoring/model';
import { shortPath } from './checkout.js';
import { usersInDeployment } from './deployed-models.js';
import { servingProcesses } from './serving-processes.js';

/**
 * Who needs a model of this registry outside of it: modules of the runtime on this state directory, and of every other
 * runtime of this user whose binds reach this models directory, and servers without a hub. One text for each.
 */
export async function modelUsers(state: string, modelsDir: string, wanted: ModelId): Promise<string[]> {
  const latest = (await resolveModel(modelsDir, { name: wanted.name })).version === wanted.version;
  const own = resolve(state);
  const users = (await servingProcesses(modelsDir, wanted)).map((pid) => `edgeslot serve (process ${pid})`);
  for (const stateDir of new Set([own, ...(await listRuntimes())])) {
    const control = await runtimeOn(stateDir);
    if (!control) continue;
    const status = await control.status();
    if (stateDir !== own && !(await reaches(status, modelsDir))) continue;
    for (const user of await usersInDeployment(control, status, { ...wanted, latest }))
      users.push(`${user} on the runtime of ${shortPath(stateDir)}`);
  }
  return users;
}

async function runtimeOn(stateDir: string): Promise<ControlClient | undefined> {
  return connectControl(stateDir).catch((error: Error) => {
    if (error.name === 'NoRuntimeError') return undefined;
    throw error;
  });
}

async function reaches({ runtime }: RuntimeStatus, modelsDir: string): Promise<boolean> {
  const real = (path: string) => realpath(path).catch(() => resolve(path));
  const places = await Promise.all(Object.values(runtime.hostPaths).map(real));
  return places.includes(await real(modelsDir));
}
