#!/usr/bin/env node
// Committed JavaScript, so that the command exists before anything is built.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  console.error('edgeslot: nothing is built yet; run `npm start` first (it installs, builds and starts the demo)');
  process.exitCode = 1;
}
