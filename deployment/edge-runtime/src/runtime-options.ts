import type { DeploymentReply, RuntimeEvent, RuntimeStatus } from './control/control-api.js';

export type RuntimeLog = (level: 'error' | 'warning' | 'info' | 'debug', text: string) => void;

export interface RuntimeOptions {
  /** Deployment manifest: a file, its text, or the parsed object. With neither, the last good one of the state directory. */
  readonly manifestFile?: string;
  readonly manifest?: string | Readonly<Record<string, unknown>>;
  /** What the status says the manifest came from; the file's path by default. */
  readonly source?: string;
  readonly stateDir: string;
  /** Folders whose `modules/<name>/module.json` stand for images. */
  readonly modulesRoot: string | readonly string[];
  /** Image (with or without tag) -> command line (text is split at blanks), first entry a program or a `.js` file. */
  readonly map?: Readonly<Record<string, string | readonly string[]>>;
  /** Where published ports listen: an address, or `auto` for the runtime's own gateway address. Default `127.0.0.1`. */
  readonly hostAddress?: string;
  /** Path on a device -> directory on this machine, for the sources of binds. */
  readonly hostPaths?: Readonly<Record<string, string>>;
  /** Module -> extra environment, for tests and debuggers; wins over the manifest. */
  readonly moduleEnv?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly isolation?: 'auto' | 'namespaces' | 'preload';
  readonly deviceId?: string;
  readonly hubHostName?: string;
  readonly gatewayHostName?: string;
  readonly log?: RuntimeLog;
  /** Every event from the first on, synchronously and in order. */
  readonly onEvent?: (event: RuntimeEvent) => void;
}

export interface Runtime {
  readonly stateDir: string;
  status(): Promise<RuntimeStatus>;
  /**
   * Resolves once the manifest is judged and its images are looked up; modules change in the background. A refused
   * manifest is a reply with code 400, 412 or 417 and changes nothing; 500 means that a module's image is unknown.
   */
  deploy(manifest: string | Readonly<Record<string, unknown>>, source: string): Promise<DeploymentReply>;
  /** Calls `listener` for each event from now on; returns the way to stop. */
  subscribe(listener: (event: RuntimeEvent) => void): () => void;
  /** Modules in parallel, then the hub. Idempotent; also what `POST /v1/stop` calls. */
  stop(reason: string): Promise<void>;
  /** Resolves when the runtime has stopped, whoever asked. */
  readonly stopped: Promise<void>;
}
