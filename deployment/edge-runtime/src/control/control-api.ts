/**
 * The control API of the local Edge runtime: HTTP/1.1 on a unix socket in the run directory, mode 0600. The CLI speaks
 * only this. Every error is `{ "error": { "code", "message" } }` with a 4xx or 5xx status.
 *
 * - `GET    /v1/status`                      -> RuntimeStatus
 * - `PUT    /v1/deployment`                  <- deployment manifest (+ `?source=FILE` for the log) -> DeploymentReply
 * - `GET    /v1/modules/{m}/twin`            -> Twin
 * - `PATCH  /v1/modules/{m}/twin`            <- `{ properties: { desired: mergePatch } }` -> Twin
 * - `POST   /v1/modules/{m}/methods/{name}`  <- `{ payload?, responseTimeoutInSeconds?, connectTimeoutInSeconds? }` -> `{ status, payload }`
 * - `POST   /v1/modules/{m}/restart`         -> `{}`
 * - `POST   /v1/messages`                    <- `{ module, input, data, properties? }` -> `{}`
 * - `GET    /v1/events`                      -> NDJSON stream of RuntimeEvent, starting with one `snapshot`
 * - `POST   /v1/faults`                      <- `{ fault, … }`
 * - `POST   /v1/stop`                        -> `{}`; the runtime then stops everything and ends
 */

export type ModuleRuntimeStatus = 'unknown' | 'backoff' | 'running' | 'stopped' | 'failed' | 'dead';

export interface PublishedPort {
  /** Port inside the module, with its protocol, e.g. `50051/tcp`. */
  readonly container: string;
  /** Where the runtime listens, e.g. `127.0.0.1:50051`. */
  readonly host: string;
}

export interface ModuleStatus {
  readonly name: string;
  readonly image: string;
  /** The command that the image stands for, as one line. */
  readonly command: string;
  readonly pid?: number;
  readonly address: string;
  readonly ports: readonly PublishedPort[];
  readonly desiredStatus: 'running' | 'stopped';
  readonly runtimeStatus: ModuleRuntimeStatus;
  readonly statusDescription: string;
  readonly restartPolicy: string;
  readonly restartCount: number;
  readonly exitCode?: number;
  readonly lastStartTimeUtc?: string;
  readonly lastExitTimeUtc?: string;
  /** Connected to the hub over MQTT. */
  readonly connected: boolean;
  readonly rssBytes?: number;
}

export interface RuntimeStatus {
  readonly runtime: {
    readonly pid: number;
    readonly startedAt: string;
    readonly stateDir: string;
    readonly runDir: string;
    readonly stateBytes: number;
    readonly deviceId: string;
    readonly hubHostName: string;
    /** Where modules reach the hub, e.g. `127.77.0.1:8883`. */
    readonly gateway: string;
    /** `namespaces` (private mounts and names) or `preload` (names by a Node preload). */
    readonly isolation: 'namespaces' | 'preload';
    /** Path on a device -> directory on this machine that stands for it in binds. */
    readonly hostPaths: Readonly<Record<string, string>>;
    readonly upstreamFile: string;
    readonly upstreamMessages: number;
  };
  readonly deployment: {
    readonly source: string;
    /** `$version` of $edgeAgent's desired properties. */
    readonly version: number;
    readonly status: { readonly code: number; readonly description: string };
  };
  readonly modules: readonly ModuleStatus[];
}

export interface Twin {
  readonly deviceId: string;
  readonly moduleId: string;
  readonly properties: {
    readonly desired: Readonly<Record<string, unknown>> & { readonly $version: number };
    readonly reported: Readonly<Record<string, unknown>> & { readonly $version: number };
  };
}

export interface DeploymentReply {
  readonly version: number;
  readonly status: { readonly code: number; readonly description: string };
}

/** What happens, in order; `time` is ISO 8601 UTC. */
export type RuntimeEvent = { readonly time: string } & (
  | { readonly type: 'snapshot'; readonly status: RuntimeStatus }
  | {
      readonly type: 'deployment';
      readonly source: string;
      readonly version: number;
      readonly status: DeploymentReply['status'];
    }
  | {
      readonly type: 'module';
      readonly module: string;
      readonly event:
        | 'creating'
        | 'started'
        | 'stopping'
        | 'stopped'
        | 'exited'
        | 'backoff'
        | 'failed'
        | 'removed'
        | 'connected'
        | 'disconnected'
        | 'warning';
      /** One readable line. */
      readonly text: string;
      readonly status?: ModuleStatus;
    }
  | { readonly type: 'log'; readonly module: string; readonly stream: 'stdout' | 'stderr'; readonly line: string }
  | {
      readonly type: 'message';
      readonly module: string;
      readonly output?: string;
      /** `$upstream`, or `module/input`. */
      readonly sink: string;
      readonly properties: Readonly<Record<string, string>>;
      readonly systemProperties: Readonly<Record<string, string>>;
      /** Parsed JSON when the message says it is JSON, else base64 text. */
      readonly body: unknown;
    }
  | {
      readonly type: 'twin';
      readonly module: string;
      readonly section: 'desired' | 'reported';
      readonly patch: unknown;
      readonly version: number;
    }
  /** This listener read too slowly: so many events were left out for it here. */
  | { readonly type: 'dropped'; readonly count: number }
  | { readonly type: 'stopping'; readonly reason: string }
  | { readonly type: 'stopped' }
);
