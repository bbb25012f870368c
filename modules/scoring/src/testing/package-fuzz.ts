import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameScorer, TensorData } from '../device/device.js';
import { FrameRunner } from '../device/frame-runner.js';
import { ScoringError } from '../errors.js';
import { sealManifest } from '../model/manifest-digest.js';
import { openPackage } from '../model/open-package.js';
import { DEFAULT_LIMITS } from '../preprocess/limits.js';
import { warmUp } from '../slot/warm-up.js';
import { within } from '../within.js';
import { type JsonValue, mutateJson } from './mutate-json.js';
import { Random } from './random.js';

/** The files of a small package, by name; `model.json` among them. */
export type PackageFiles = Readonly<Record<string, Buffer>>;

export interface FuzzTally {
  readonly cases: number;
  /** How often each code refused. */
  readonly refused: Record<string, number>;
  /** Opened, and scored exactly as the unspoilt package. */
  same: number;
  /** Of those with digests made right again: another package, that was opened and answered as its manifest says. */
  other: number;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly cases: number;
  /** A directory of its own. */
  readonly directory: string;
  /** Packages to spoil; files are swapped between them. */
  readonly packages: readonly PackageFiles[];
  /** Milliseconds in which each case must be decided. */
  readonly boundMs?: number;
}

/** What a case did: its entry for messages, and whether every digest was made right again afterwards. */
interface Spoilt {
  readonly what: string;
  readonly sealed: boolean;
}

const CODES = /^(PACKAGE_[A-Z_]+|MODEL_NOT_FOUND)$/;
const BOUND_MS = 60_000;

/**
 * Spoils packages in many ways and opens each: it must be refused with a code of the catalogue or score as before.
 * A package whose digests were made right again is another package: it must be refused or answer what its manifest says.
 *
 * @throws Error naming seed and case, when one is neither
 */
export async function fuzzPackages(options: FuzzOptions): Promise<FuzzTally> {
  const { seed, cases, directory, packages, boundMs = BOUND_MS } = options;
  const home = join(directory, 'tiny', '1');
  const expected = [];
  for (const files of packages) {
    await write(home, files);
    expected.push(await score(directory, boundMs));
  }
  const tally: FuzzTally = { cases, refused: {}, same: 0, other: 0 };
  for (let index = 0; index < cases; index++) {
    const random = new Random(seed + index);
    const chosen = random.below(packages.length);
    const { what, sealed } = await spoil(home, packages, chosen, random);
    const place = `seed ${seed}, case ${index}: ${what}`;
    try {
      const found = await within(score(directory, boundMs), boundMs, () => {
        throw new Error(`${place}: not decided within ${boundMs} ms`);
      });
      const same = JSON.stringify(found) === JSON.stringify(expected[chosen]);
      if (!same && !sealed) throw new Error(`${place}: scored otherwise`);
      if (same) tally.same++;
      else tally.other++;
    } catch (error) {
      if (!(error instanceof ScoringError) || !CODES.test(error.code)) {
        throw new Error(`${place}: ${(error as Error).message}`, { cause: error });
      }
      tally.refused[error.code] = (tally.refused[error.code] ?? 0) + 1;
    }
  }
  return tally;
}

/** Opens the package and scores one picture as a load does, but in this thread. */
async function score(base: string, timeoutMs: number): Promise<unknown> {
  const model = await openPackage(base, { name: 'tiny', version: 1 });
  const { directory, manifest, labels } = model;
  const runner = await FrameRunner.open({ directory, manifest, threads: 1, limits: DEFAULT_LIMITS });
  try {
    let outputs: readonly TensorData[] = [];
    const device: FrameScorer = {
      capacity: 1,
      score: async (input) => {
        const answer = await runner.run(input);
        outputs = answer.outputs;
        return answer;
      },
    };
    await warmUp(device, model, timeoutMs, new AbortController().signal);
    return outputs.map(({ name, shape, data }) => ({ name, shape, digest: sha256(data), labels }));
  } finally {
    await runner.close();
  }
}

async function spoil(home: string, packages: readonly PackageFiles[], chosen: number, random: Random): Promise<Spoilt> {
  const original = packages[chosen]!;
  const names = Object.keys(original);
  const files: Record<string, Buffer> = { ...original };
  const name = random.pick(names);
  const kind = random.below(10);
  if (kind < 7) {
    const what = alter(files, name, kind, packages, random);
    const sealed = name !== 'model.json' || kind === 6 ? random.below(2) === 0 : false;
    await write(home, sealed ? seal(files) : files);
    return { what: `${what}${sealed ? ', digests right' : ''}`, sealed };
  }
  await write(home, files);
  const path = join(home, name);
  await rm(path);
  if (kind === 7) return { what: `${name} removed`, sealed: false };
  if (kind === 8) {
    const what = random.pick(['directory', 'pipe', 'link out', 'link to itself', 'dangling link']);
    if (what === 'directory') await mkdir(path);
    else if (what === 'pipe') execFileSync('mkfifo', [path]);
    else if (what === 'link to itself') await symlink(name, path);
    else if (what === 'dangling link') await symlink('nothing', path);
    else {
      await writeFile(join(home, '..', 'outside'), original[name]!);
      await symlink('../outside', path);
    }
    return { what: `${name} as ${what}`, sealed: false };
  }
  const inside = random.pick(names.filter((one) => one !== name));
  await symlink(inside, path);
  return { what: `${name} as link to ${inside}`, sealed: false };
}

function alter(
  files: Record<string, Buffer>,
  name: string,
  kind: number,
  packages: readonly PackageFiles[],
  random: Random,
): string {
  const content = files[name]!;
  if (kind <= 1) {
    const flipped = Buffer.from(content);
    const count = 1 + random.below(kind === 0 ? 1 : 8);
    for (let n = 0; n < count; n++) {
      const at = random.below(flipped.length);
      flipped[at] = flipped[at]! ^ (1 + random.below(255));
    }
    files[name] = flipped;
    return `${count} bytes of ${name} flipped`;
  }
  if (kind === 2) {
    files[name] = content.subarray(0, random.below(content.length));
    return `${name} cut to ${files[name].length} bytes`;
  }
  if (kind === 3) {
    const at = random.below(content.length);
    const more = Buffer.from(Array.from({ length: 1 + random.below(64) }, () => random.below(256)));
    files[name] = Buffer.concat([content.subarray(0, at), more, content.subarray(at)]);
    return `${more.length} bytes put into ${name} at ${at}`;
  }
  if (kind === 4) {
    const other = random.pick(Object.keys(files));
    [files[name], files[other]] = [files[other]!, files[name]!];
    return `${name} and ${other} swapped`;
  }
  if (kind === 5) {
    const from = random.below(packages.length);
    const theirs = random.pick(Object.keys(packages[from]!));
    files[name] = packages[from]![theirs]!;
    return `${name} replaced by ${theirs} of package ${from}`;
  }
  const manifest = JSON.parse(files['model.json']!.toString()) as JsonValue;
  const notes: string[] = [];
  for (let n = 1 + random.below(3); n > 0; n--) notes.push(mutateJson(manifest, random));
  files['model.json'] = Buffer.from(JSON.stringify(manifest));
  return `manifest: ${notes.join('; ')}`;
}

/** Makes every digest right that a manifest has, as far as it still is one. */
function seal(files: Record<string, Buffer>): Record<string, Buffer> {
  try {
    const manifest = JSON.parse(files['model.json']!.toString());
    for (const [name, content] of Object.entries(files)) {
      if (name !== 'model.json' && manifest.files[name]) {
        manifest.files[name] = { sha256: sha256(content), bytes: content.length };
      }
    }
    return { ...files, 'model.json': Buffer.from(JSON.stringify(sealManifest(manifest))) };
  } catch {
    return files;
  }
}

async function write(home: string, files: PackageFiles): Promise<void> {
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(home, name), content);
}

function sha256(content: Uint8Array | Float32Array): string {
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}
