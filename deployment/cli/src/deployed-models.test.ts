import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { RuntimeStatus, Twin } from '@edgeslot/edge-runtime';
import { ControlError } from '@edgeslot/edge-runtime/control-client';
import { usersInDeployment, type WantedModel } from './deployed-models.js';

const IMAGE = 'edgeslot/scoring:2';
const OLDER: WantedModel = { name: 'net', version: 2, latest: false };
const LATEST: WantedModel = { name: 'net', version: 3, latest: true };

interface Deployed {
  readonly env?: Readonly<Record<string, string>>;
  readonly containerEnv?: readonly string[];
  readonly desired?: object;
  readonly slot?: object;
}

/** A runtime with one module, `scoring`, and what its twin says; without a twin when `slot` and `desired` are left out. */
function runtime({ env = {}, containerEnv = [], desired, slot }: Deployed) {
  const settings = { image: IMAGE, createOptions: JSON.stringify({ Env: containerEnv }) };
  const entries = Object.entries(env).map(([key, value]) => [key, { value }]);
  const twin = (given: object, reported: object) =>
    ({
      properties: { desired: { ...given, $version: 1 }, reported: { ...reported, $version: 1 } },
    }) as unknown as Twin;
  return {
    twin: async (module: string) => {
      if (module === '$edgeAgent')
        return twin({ modules: { scoring: { env: Object.fromEntries(entries), settings } } }, {});
      if (!desired && !slot) throw new ControlError(404, 'MODULE_UNKNOWN', 'there is no such module');
      return twin(desired ?? {}, slot ? { slot } : {});
    },
  };
}

async function users(deployed: Deployed, wanted = LATEST, modules: RuntimeStatus['modules'] = []): Promise<string[]> {
  return usersInDeployment(runtime(deployed), { modules }, wanted);
}

const because = (...reasons: string[]) => [`module scoring of image ${IMAGE} (${reasons.join('; ')})`];

it('names the module whose container is told to hold the model', async () => {
  assert.deepEqual(await users({ env: { MODEL_NAME: 'net:3' } }), because('MODEL_NAME is net:3'));
  assert.deepEqual(await users({ containerEnv: ['MODEL_NAME=net:3'] }), because('MODEL_NAME is net:3'));
  const both = { env: { MODEL_NAME: 'net:2' }, containerEnv: ['MODEL_NAME=other'] };
  assert.deepEqual(await users(both, OLDER), [], 'createOptions win over the module’s env');
});

it('a name without a version means the latest, and no other', async () => {
  assert.deepEqual(await users({ env: { MODEL_NAME: 'net' } }), because('MODEL_NAME is net'));
  assert.deepEqual(await users({ env: { MODEL_NAME: 'net' } }, OLDER), []);
  assert.deepEqual(await users({ env: { MODEL_NAME: 'net:2' } }), []);
  assert.deepEqual(await users({ env: { MODEL_NAME: 'network' } }), []);
  assert.deepEqual(await users({ env: { MODEL_NAME: 'no model id' } }), []);
});

it('the desired twin names a model too, and so does the slot that holds it', async () => {
  assert.deepEqual(await users({ desired: { model: { name: 'net' } } }), because('the desired model.name is net'));
  assert.deepEqual(await users({ desired: { model: 'net' } }), []);
  const slot = { state: 'DRAINING', model: 'net:2' };
  assert.deepEqual(await users({ slot }, OLDER), because('it is in the slot, DRAINING'));
  assert.deepEqual(await users({ slot: { ...slot, state: 'END' } }, OLDER), []);
  assert.deepEqual(
    await users({ slot, desired: { model: { name: 'net:2' } }, env: { MODEL_NAME: 'net:2' } }, OLDER),
    because('it is in the slot, DRAINING', 'the desired model.name is net:2', 'MODEL_NAME is net:2'),
  );
});

it('a module of an earlier deployment counts as long as it runs', async () => {
  const { twin } = runtime({ slot: { state: 'AVAILABLE', model: 'net:3' } });
  const old = { name: 'gone', image: 'edgeslot/scoring:1' } as RuntimeStatus['modules'][number];
  const found = await usersInDeployment({ twin }, { modules: [old] }, LATEST);
  assert.deepEqual(found[0], 'module gone of image edgeslot/scoring:1 (it is in the slot, AVAILABLE)');
});
