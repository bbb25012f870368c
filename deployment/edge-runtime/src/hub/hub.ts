import type { RuntimeEvent } from '../control/control-api.js';
import type { ModuleIdentities } from '../identity/module-identities.js';
import type { Router } from '../routes/router.js';
import type { UpstreamFile } from '../storage/upstream-file.js';
import type { TwinStore } from '../twins/twin-store.js';

/** What the hub tells: messages with their sink, twin changes, modules that connect and disconnect. */
export type HubEvent = Extract<RuntimeEvent, { type: 'message' | 'twin' | 'module' }>;

export interface HubOptions {
  readonly deviceId: string;
  readonly hubHostName: string;
  readonly gatewayHostName: string;
  /** Port 0 takes any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: { readonly certPem: string; readonly keyPem: string };
  readonly identities: ModuleIdentities;
  readonly twins: TwinStore;
  readonly router: Router;
  readonly upstream: UpstreamFile;
  readonly log: (level: 'error' | 'warning' | 'info' | 'debug', text: string) => void;
  readonly onEvent: (event: HubEvent) => void;
}

export interface MethodReply {
  /** What the module answered; 404 not connected or not listening, 504 no answer in time. */
  readonly status: number;
  readonly payload: unknown;
}

export interface InputMessage {
  readonly data: Buffer;
  readonly properties?: Readonly<Record<string, string>>;
  readonly systemProperties?: Readonly<Record<string, string>>;
}

export interface Hub {
  readonly address: { readonly host: string; readonly port: number };
  setRouter(router: Router): void;
  /** `responseTimeoutMs` 30 s, `connectTimeoutMs` 0 by default. */
  invokeMethod(
    moduleId: string,
    name: string,
    payload?: unknown,
    timeouts?: { readonly responseTimeoutMs?: number; readonly connectTimeoutMs?: number },
  ): Promise<MethodReply>;
  /** Queues a message for a module's input; false when the module's bounded queue is full. */
  injectInput(moduleId: string, input: string, message: InputMessage): boolean;
  isConnected(moduleId: string): boolean;
  /** Forgets a module that was removed: its connection, session and queue. */
  forget(moduleId: string): void;
  stop(): Promise<void>;
}

export declare function startHub(options: HubOptions): Promise<Hub>;
