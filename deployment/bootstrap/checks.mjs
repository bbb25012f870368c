// What a host must have before anything is installed. Each problem is one line that says what to do.
import fs from 'node:fs';
import os from 'node:os';

export const NEEDED_NODE = [20, 17];
const GIB = 1024 ** 3;

/**
 * @param {{ nodeVersion: string, freeDisk: number, totalMemory: number, availableMemory: number, installed: boolean }} host
 *   sizes in bytes; `installed` lowers what disk is needed
 * @returns {{ problems: string[], warnings: string[] }}
 */
export function judgeHost({ nodeVersion, freeDisk, totalMemory, availableMemory, installed }) {
  const problems = [];
  const warnings = [];
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number);
  if (major < NEEDED_NODE[0] || (major === NEEDED_NODE[0] && minor < NEEDED_NODE[1])) {
    problems.push(
      `Node.js ${nodeVersion.replace(/^v/, '')} is too old: install ${NEEDED_NODE.join('.')} or newer (24 is best), from https://nodejs.org`,
    );
  }
  const disk = installed ? 0.5 * GIB : 2 * GIB;
  if (freeDisk < disk) {
    problems.push(
      `only ${size(freeDisk)} of disk are free here, ${size(disk)} are needed: free some, or clone elsewhere`,
    );
  }
  if (totalMemory < 1.9 * GIB) {
    problems.push(`this host has ${size(totalMemory)} of memory, 2.0 GB are needed`);
  } else if (availableMemory < 2 * GIB) {
    warnings.push(
      `only ${size(availableMemory)} of memory are available; 2.0 GB are wanted, close something if it gets slow`,
    );
  }
  return { problems, warnings };
}

export function measureHost(root, installed) {
  const disk = fs.statfsSync(root);
  const limit = process.constrainedMemory?.() ?? 0;
  const totalMemory = limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
  return {
    nodeVersion: process.versions.node,
    freeDisk: disk.bavail * disk.bsize,
    totalMemory,
    // Only Linux tells what could be had; elsewhere "free" leaves out what the system would give back.
    availableMemory: process.platform === 'linux' ? (process.availableMemory?.() ?? os.freemem()) : totalMemory,
    installed,
  };
}

function size(bytes) {
  return `${(bytes / GIB).toFixed(1)} GB`;
}
