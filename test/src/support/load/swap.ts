import assert from 'node:assert/strict';
import type { ControlClient } from '@edgeslot/edge-runtime/control-client';
import { reloadConfigServerMethod } from '@edgeslot/tensorflow-serving';
import * as grpc from '@grpc/grpc-js';
import { waitFor } from '../wait-for.js';

/** How a swap ended, as the module reports it; durations in milliseconds. */
export interface Swap {
  readonly id: number;
  readonly from?: string;
  readonly to: string;
  readonly requestedBy: string;
  readonly result: string;
  readonly error?: object;
  readonly durations: Readonly<Partial<Record<string, number>>>;
}

export interface ReportedSlot {
  readonly state?: string;
  readonly model?: string;
  readonly error?: { readonly code: string; readonly text: string };
  readonly history?: readonly Swap[];
}

/** The slot as the module itself tells it now; what the twin reports may be an earlier life's. */
export async function liveSlot(control: ControlClient, module = 'scoring'): Promise<ReportedSlot> {
  const { payload } = await control.method(module, 'status');
  return (payload as { readonly slot: ReportedSlot }).slot;
}

/** Asks for a model, `name` or `name:version`; who waits for the end of it is somebody else's matter. */
export type Ask = (model: string) => Promise<unknown>;

const SWAP_BOUND_MS = 180_000;

export async function reportedSlot(control: ControlClient, module = 'scoring'): Promise<ReportedSlot> {
  return (await control.twin(module)).properties.reported.slot ?? {};
}

export const byTwin =
  (control: ControlClient, module = 'scoring'): Ask =>
  (model) =>
    control.patchTwin(module, { model: { name: model } });

/** By the direct method, which answers when the wish has ended. */
export const byMethod =
  (control: ControlClient, module = 'scoring'): Ask =>
  async (model) => {
    const { status, payload } = await control.method(module, 'swapModel', { model });
    assert.equal(status, 200, JSON.stringify(payload));
  };

/** By TensorFlow Serving's HandleReloadConfigRequest, which does so too. */
export const byReload =
  (address: string): Ask =>
  (id) => {
    const { path, requestSerialize, responseDeserialize } = reloadConfigServerMethod;
    const [name, version] = id.split(':') as [string, string?];
    const model = {
      ...{ name, basePath: '', modelType: 0, modelPlatform: 'tensorflow', versionLabels: new Map() },
      ...(version !== undefined && { versionPolicy: { kind: 'specific', versions: [Number(version)] } as const }),
    };
    const request = { config: { kind: 'models', models: [model] } as const };
    const client = new grpc.Client(address, grpc.credentials.createInsecure());
    return new Promise<void>((resolve, reject) => {
      const deadline = Date.now() + SWAP_BOUND_MS;
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, { deadline }, (error) => {
        client.close();
        if (error) reject(error);
        else resolve();
      });
    });
  };

/** One way after the other. */
export function inTurn(...asks: readonly Ask[]): Ask {
  let turn = 0;
  return (model) => asks[turn++ % asks.length]!(model);
}

/** Asks, and waits until the module reports the end of the wish: that the model is in the slot. */
export async function swapTo(control: ControlClient, ask: Ask, model: string, module = 'scoring'): Promise<Swap> {
  const last = (slot: ReportedSlot) => slot.history?.at(-1)?.id ?? 0;
  const before = last(await reportedSlot(control, module));
  await ask(model);
  const slot = await waitFor(
    `${model} in the slot`,
    async () => {
      const now = await reportedSlot(control, module);
      return last(now) > before ? now : undefined;
    },
    SWAP_BOUND_MS,
  );
  const swap = slot.history!.at(-1)!;
  assert.equal(swap.result, 'loaded', JSON.stringify(swap));
  assert.equal(slot.model, swap.to);
  assert.ok(swap.to === model || swap.to.startsWith(`${model}:`), swap.to);
  return swap;
}
