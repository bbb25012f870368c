import { execFile } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '@edgeslot/model-tools';

const run = promisify(execFile);

/** Stock clients that are written in Go, as `go install` takes them. */
export const GO_TOOLS = {
  grpcurl: { package: 'github.com/fullstorydev/grpcurl/cmd/grpcurl', version: 'v1.9.4' },
  ghz: { package: 'github.com/bojand/ghz/cmd/ghz', version: 'v0.93.0' },
  'grpc-health-probe': { package: 'github.com/grpc-ecosystem/grpc-health-probe', version: 'v0.4.61' },
} as const;

/** The path of a tool's program; built once, into the cache folder. Needs `go` on the path; takes a minute the first time. */
export async function goTool(name: keyof typeof GO_TOOLS): Promise<string> {
  const { package: path, version } = GO_TOOLS[name];
  const folder = join(cacheFolder(process.env), `go-${name}-${version}`);
  const program = join(folder, basename(path));
  const there = await access(program).then(
    () => true,
    () => false,
  );
  if (there) return program;
  await mkdir(folder, { recursive: true });
  await run('go', ['install', `${path}@${version}`], {
    env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=readonly' },
    timeout: 300_000,
  });
  return program;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever that is. */
export async function runTool(program: string, args: readonly string[], stdin = ''): Promise<Ran> {
  const running = run(program, args, { timeout: 60_000, maxBuffer: 1 << 24 });
  running.child.stdin?.on('error', () => {}); // it ended early: the exit code tells
  running.child.stdin?.end(stdin);
  return await running.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code?: unknown; stdout?: string; stderr?: string }) => {
      if (typeof error.code !== 'number') throw error;
      return { code: error.code, stdout: error.stdout ?? '', stderr: error.stderr ?? '' };
    },
  );
}
