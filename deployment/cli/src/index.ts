export { runCli, type Streams } from './cli.js';
export { changeDemoManifest, type DemoChanges } from './session/demo-manifest.js';
export { FrameTally } from './summary/frame-tally.js';
export type { RunSummary } from './summary/run-summary.js';
