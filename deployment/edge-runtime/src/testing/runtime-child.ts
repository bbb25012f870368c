/** Started by a test that kills it: a runtime on `argv[2]` with one probe module, isolated as `argv[3]` says. */
import { startRuntime } from '../runtime.js';
import { FIXTURE_IMAGES, fixtureManifest } from './test-runtime.js';

const [, , stateDir = '', isolation = 'auto'] = process.argv;
await startRuntime({
  stateDir,
  isolation: isolation as 'auto',
  manifest: fixtureManifest({ probe: {} }),
  modulesRoot: FIXTURE_IMAGES,
  hostAddress: 'auto',
});
