import assert from 'node:assert/strict';
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Emulator } from '../device/emulator.js';
import { openPackage } from '../model/open-package.js';
import type { Package } from '../model/package.js';
import { type TinyPackage, temporaryDirectory, writeTinyPackage } from '../testing/tiny-package.js';
import { Slot } from './slot.js';
import type { SwapMemory } from './slot-state.js';
import { WARM_UP_PICTURE } from './warm-up-frames.js';

const FRAME = { kind: 'images', images: [WARM_UP_PICTURE] } as const;

interface Fault {
  /** What is written as the second version. */
  readonly files?: TinyPackage;
  /** What happens to it before it is verified, or between that and its load. */
  readonly before?: (directory: string) => Promise<unknown>;
  readonly after?: (directory: string) => Promise<unknown>;
  readonly code: RegExp;
}

const featurizer = (directory: string) => join(directory, 'featurizer.onnx');

/** A name that is a directory where a file should be cannot be read: EISDIR. */
async function becomeDirectory(path: string): Promise<void> {
  await rm(path);
  await mkdir(path);
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'altered on the disk': { before: (at) => writeFile(featurizer(at), 'other bytes'), code: /^PACKAGE_DIGEST$/ },
  'a file that cannot be read': { before: (at) => becomeDirectory(featurizer(at)), code: /^PACKAGE_FILE_MISSING$/ },
  'gone before its load': { after: (at) => rm(at, { recursive: true }), code: /^PACKAGE_GRAPH$/ },
  'cut short before its load': { after: (at) => truncate(featurizer(at), 40), code: /^PACKAGE_GRAPH$/ },
  'unreadable at its load': { after: (at) => becomeDirectory(featurizer(at)), code: /^PACKAGE_GRAPH$/ },
  'answers that are no numbers': { files: { weights: Array(9).fill(Number.NaN) }, code: /^PACKAGE_GRAPH$/ },
};

async function setUp(t: TestContext, memory: SwapMemory) {
  const base = await temporaryDirectory(t);
  const device = new Emulator({ lanes: { lanes: 1, threads: 1 } });
  let verified = async (_model: Package) => {};
  const slot = new Slot({
    device,
    open: async (reference, options) => {
      const model = await openPackage(base, reference, options);
      if (model.id.version > 1) await verified(model);
      return model;
    },
    swap: () => ({ drainTimeoutMs: 1000, memory }),
  });
  t.after(() => slot.close(0));
  await writeTinyPackage(base);
  await slot.aspire({ name: 'tiny' }, 'start');
  const answer = async () => [...(await device.score(FRAME)).outputs[0]!.data];
  const before = await answer();
  let version = 1;
  const fails = async ({ files, before: spoil, after, code }: Fault) => {
    const directory = await writeTinyPackage(base, { ...files, version: ++version });
    await spoil?.(directory);
    verified = async () => {
      await after?.(directory);
    };
    const outcome = await slot.aspire({ name: 'tiny', version }, 'twin');
    assert.match(outcome.error?.code ?? 'none', code, outcome.error?.text);
    assert.equal(slot.state.state, 'AVAILABLE');
    assert.equal(slot.state.error?.model, `tiny:${version}`);
    assert.deepEqual(await answer(), before);
    return outcome.result;
  };
  return { slot, fails };
}

test('a fault of package or disk never disturbs the model that serves, where the next one is built beside it', async (t) => {
  const { slot, fails } = await setUp(t, 'prepare');
  const states: string[] = [];
  slot.onState(({ state }) => states.push(state));
  for (const [what, fault] of Object.entries(FAULTS)) assert.equal(await fails(fault), 'failed', what);
  assert.deepEqual([...new Set(states)], ['AVAILABLE']);
});

test('where the old model goes first it is brought back after the same faults', async (t) => {
  const { fails } = await setUp(t, 'preserve');
  for (const [what, fault] of Object.entries(FAULTS)) {
    assert.equal(await fails(fault), fault.before ? 'failed' : 'restored', what);
  }
});
