import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModuleStatus, RuntimeEvent } from '@edgeslot/edge-runtime';
import { type ControlClient, connectControl } from '@edgeslot/edge-runtime/control-client';
import { type RunningCommand, startEdgeslot } from './run-command.js';
import { waitFor } from './wait-for.js';

/** The camera's message about one frame. */
export interface FrameMessage {
  readonly camera: string;
  readonly frame: number;
  readonly seed: number;
  readonly status: 'scored' | 'dropped' | 'failed';
  readonly label?: string;
  readonly confidence?: number;
  readonly model?: string;
  readonly latencyMs: number;
  readonly reason?: string;
  readonly counters: Readonly<Record<'posted' | 'scored' | 'dropped' | 'failed' | 'inFlight', number>>;
}

/** `edgeslot demo` as its own process, seen only through its terminal and its control API. */
export class DemoRuntime {
  readonly frames: FrameMessage[] = [];
  readonly events: RuntimeEvent[] = [];
  private readonly watching = new AbortController();

  private constructor(
    readonly stateDir: string,
    readonly command: RunningCommand,
    readonly control: ControlClient,
  ) {}

  /** Starts the demo on a state directory and addresses of its own, and waits until its control API answers. */
  static async start(modelsDir: string, args: readonly string[] = []): Promise<DemoRuntime> {
    const state = await mkdtemp(join(tmpdir(), 'edgeslot-test-'));
    const command = startEdgeslot(['demo', '--state', state, '--models', modelsDir, '--host', 'auto', ...args]);
    const control = await waitFor(
      'the control API of the demo',
      () => {
        if (!command.running) throw new Error(`the demo ended early\n${command.output}`);
        return connectControl(state).then(
          async (control) => {
            await control.status();
            return control;
          },
          () => undefined,
        );
      },
      180_000,
    );
    const runtime = new DemoRuntime(state, command, control);
    void runtime.watch();
    return runtime;
  }

  private async watch(): Promise<void> {
    try {
      for await (const event of this.control.events(this.watching.signal)) {
        this.events.push(event);
        if (event.type === 'message' && event.output === 'frames') this.frames.push(event.body as FrameMessage);
      }
    } catch (error) {
      if (!this.watching.signal.aborted && this.command.running) throw error;
    }
  }

  /** Scored frames from now on, `count` of them, judged by the named model. */
  async scoredFrames(count: number, model: string, boundMs = 90_000): Promise<FrameMessage[]> {
    const from = this.frames.length;
    return waitFor(
      `${count} frames scored by ${model}`,
      () => {
        const scored = this.frames.slice(from).filter((frame) => frame.status === 'scored' && frame.model === model);
        return scored.length >= count ? scored.slice(0, count) : undefined;
      },
      boundMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.command.output.slice(-4000)}`, { cause: error });
    });
  }

  async module(name: string): Promise<ModuleStatus> {
    const found = (await this.control.status()).modules.find((module) => module.name === name);
    if (!found) throw new Error(`no module ${name}`);
    return found;
  }

  /** Where the runtime publishes a port of a module, e.g. `127.1.2.1:8080`. */
  async published(module: string, port: string): Promise<string> {
    const found = (await this.module(module)).ports.find((published) => published.container === port);
    if (!found) throw new Error(`module ${module} publishes no ${port}`);
    return found.host;
  }

  /** Waits until the scoring module has reported that the model is AVAILABLE. */
  async modelAvailable(model: string): Promise<void> {
    await waitFor(`${model} in the slot`, async () => {
      const slot = (await this.control.twin('scoring')).properties.reported.slot as { state?: string; model?: unknown };
      return slot?.state === 'AVAILABLE' && JSON.stringify(slot).includes(model.split(':')[0]!) ? true : undefined;
    });
  }

  /** Ends the demo as Ctrl-C does, and removes its state. */
  async stop(signal: NodeJS.Signals = 'SIGINT') {
    this.watching.abort();
    const result = await this.command.stop(signal);
    await rm(this.stateDir, { recursive: true, force: true });
    return result;
  }
}
