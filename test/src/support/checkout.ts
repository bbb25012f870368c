import { fileURLToPath } from 'node:url';

/** The repository's root, seen from `test/dist/support/`. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const EDGESLOT = `${ROOT}deployment/cli/bin/edgeslot.js`;
export const DEMO_MANIFEST = `${ROOT}deployment/demo/deployment.json`;
export const DEMO_MANIFEST_B = `${ROOT}deployment/demo/deployment.b.json`;
/** Where `npm start` keeps the demo models; the tests reuse them, and make them when they are not there. */
export const DEMO_MODELS = `${ROOT}.edgeslot/models`;
/** For the tests alone: used when models of somebody's own hide the demo's in `DEMO_MODELS`. */
export const TEST_MODELS = `${ROOT}test/.models`;
