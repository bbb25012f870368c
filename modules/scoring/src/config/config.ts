import type { LogLevel } from '@edgeslot/edge-module/log';
import type { DeviceChoice } from '../device/device.js';
import type { ModelReference } from '../model/model-id.js';
import type { DecodeMode } from '../preprocess/limits.js';
import type { SwapMemory } from '../slot/slot-state.js';

export type ReplyEncoding = 'auto' | 'float_val' | 'tensor_content';

/** What the twin's desired properties may hold, one interface per section. */
export interface Sections {
  /** The model to hold: `name` or `name:version`. */
  readonly model: { readonly name: string };
  readonly device: { readonly choice: DeviceChoice };
  readonly swap: {
    /** How long frames in the device may take to finish before they are given up. */
    readonly drainTimeoutMs: number;
    readonly loadTimeoutMs: number;
    /** `prepare` builds the new model beside the old one when memory allows, `preserve` never does. */
    readonly memory: SwapMemory;
    /** A gap of a swap that is longer makes the module not ready. */
    readonly notReadyAfterMs: number;
  };
  readonly scoring: {
    readonly replyEncoding: ReplyEncoding;
    /** Milliseconds for calls that bring no deadline. */
    readonly timeoutMs: number;
    /** Calls that may wait for the device. */
    readonly queueLimit: number;
    /** Pictures in one call. */
    readonly maxBatch: number;
    /** Of a gRPC answer; 4 MiB by default, because gRPC's clients take no more unless they are told to. */
    readonly maxReplyBytes: number;
    /** Bounds on a picture, checked from its header before it is decoded. */
    readonly maxImageBytes: number;
    /** Width × height. */
    readonly maxImagePixels: number;
    readonly maxImageSide: number;
    /** Milliseconds of decoding, estimated from size and scans: a decoder cannot be interrupted. */
    readonly maxDecodeMs: number;
    /** `fast` lets very large JPEGs be decoded at an eighth of their size; the network's input then differs. */
    readonly decode: DecodeMode;
    /** Frames that are computed at once; each lane holds the weights once more. */
    readonly lanes: 'auto' | number;
    /** Of each lane. */
    readonly threads: 'auto' | number;
  };
  readonly cameras: {
    /** Classes per frame, best first; a detector's objects are not limited by it. */
    readonly topK: number;
    /** Answers below it are left out; a frame without any is answered 204. */
    readonly minConfidence: number;
    /** A detector finds what is more probable than this; 0 takes the best class of every anchor. */
    readonly detectionThreshold: number;
    /** Of two boxes of a class that overlap this much or more (intersection over union) the worse is left out. */
    readonly iouThreshold: number;
  };
  readonly telemetry: {
    readonly enabled: boolean;
    /** Milliseconds between two messages of one camera; 0 sends every frame. */
    readonly intervalMs: number;
    /** Only when a camera's best class, or the set of its objects, is another one than in its last message. */
    readonly onlyOnChange: boolean;
    /** Answers below it are left out of messages; what the camera itself is answered does not change. */
    readonly minConfidence: number;
    /** `recognition`: one `recognition;v1` per answer and one `image-upload;v1` per frame. */
    readonly format: 'inferences' | 'recognition';
  };
}

export type SectionName = keyof Sections;

/** The start-up configuration: validated once, frozen. */
export interface Config extends Omit<Sections, 'model'> {
  readonly modelBasePath: string;
  /** Absent: the twin decides. */
  readonly model?: ModelReference;
  readonly host: string;
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly metricsPort: number;
  /** Largest gRPC message and HTTP body, in bytes. */
  readonly maxMessageBytes: number;
  readonly leaseDir?: string;
  /** Cards are looked for in its `dev` and `sys`; absent: `/dev` and `/sys/class/catapult`. */
  readonly cardDir?: string;
  /** The vendor's library that drives a real card. */
  readonly driverLibrary?: string;
  /** Where messages wait while the hub is away; absent: in memory. */
  readonly telemetryDir?: string;
  readonly telemetryMaxBytes: number;
  readonly logLevel: LogLevel;
}
