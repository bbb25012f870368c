import type { DeploymentReply, RuntimeEvent, RuntimeStatus, Twin } from './control-api.js';

export interface ControlClient {
  readonly socketPath: string;
  status(): Promise<RuntimeStatus>;
  /** A refused manifest is a reply with `status.code` 400, 412 or 417, not an exception. */
  deploy(manifest: string | Readonly<Record<string, unknown>>, source?: string): Promise<DeploymentReply>;
  twin(module: string): Promise<Twin>;
  /** JSON merge patch on the desired properties. */
  patchTwin(module: string, desired: Readonly<Record<string, unknown>>): Promise<Twin>;
  method(
    module: string,
    name: string,
    payload?: unknown,
    timeouts?: { readonly responseTimeoutInSeconds?: number; readonly connectTimeoutInSeconds?: number },
  ): Promise<{ readonly status: number; readonly payload: unknown }>;
  restart(module: string): Promise<void>;
  sendMessage(message: {
    readonly module: string;
    readonly input: string;
    readonly data: unknown;
    readonly properties?: Readonly<Record<string, string>>;
  }): Promise<void>;
  /** From one `snapshot` on, until the signal aborts or the runtime ends. */
  events(signal?: AbortSignal): AsyncIterable<RuntimeEvent>;
  /** Resolves when the runtime has taken the order; wait for `gone()` to know that it ended. */
  stop(): Promise<void>;
  /** Resolves true when no runtime runs there any more, false after `timeoutMs`. */
  gone(timeoutMs: number): Promise<boolean>;
}

/** Throws NoRuntimeError when no runtime runs on this state directory; ControlError carries a refusal's `code`. */
export declare function connectControl(stateDir: string): Promise<ControlClient>;
