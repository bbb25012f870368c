import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import sharp from 'sharp';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  /** Dot products of bytes in one instruction. */
  readonly vnni: boolean;
  readonly versions: Readonly<Record<string, string>>;
}

export function readMachine(): Machine {
  const require = createRequire(import.meta.url);
  const onnxruntime = require('onnxruntime-node/package.json') as { readonly version: string };
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 1e9),
    system: `${process.platform} ${release()} ${process.arch}`,
    vnni: hasVnni(readFlags()),
    versions: {
      node: process.versions.node,
      'onnxruntime-node': onnxruntime.version,
      sharp: sharp.versions.sharp ?? 'unknown',
      libvips: sharp.versions.vips,
    },
  };
}

/** AVX-512 VNNI and its AVX form. */
export function hasVnni(cpuinfo: string): boolean {
  const flags = /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.split(' ') ?? [];
  return flags.includes('avx512_vnni') || flags.includes('avx_vnni');
}

function readFlags(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
