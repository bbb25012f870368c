import { readdir, readFile } from 'node:fs/promises';

/**
 * Kills what a runtime that was itself killed left behind: processes whose workload socket is in its run directory. Modules
 * die with the runtime anyway where that can be had; what they had started may not. Linux only, since it reads /proc.
 */
export async function killLeftovers(runDir: string): Promise<number[]> {
  const marker = `IOTEDGE_WORKLOADURI=unix://${runDir}/`;
  const killed: number[] = [];
  for (const name of await readdir('/proc').catch(() => [])) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (!environment.split('\0').some((entry) => entry.startsWith(marker))) continue;
    try {
      process.kill(pid, 'SIGKILL');
      killed.push(pid);
    } catch {
      // It ended meanwhile.
    }
  }
  return killed;
}
