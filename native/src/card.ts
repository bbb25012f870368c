/** `virtual-card`: no hardware stands behind the node, whatever answers for it. */
export type CardKind = 'catapult' | 'virtual-card';

export interface CardInfo {
  readonly path: string;
  readonly kind: CardKind;
  /** Four numbers, e.g. `5.1.4.12`; absent when a library drives the card. */
  readonly driver?: string;
  /** Slots that are used, each for one request; the card's others are held so that nobody else uses them. */
  readonly slots: number;
  readonly bytesPerSlot: number;
  readonly functionType?: string;
  readonly shellVersion?: string;
  readonly shellId?: string;
  readonly roleId?: string;
  readonly boardId?: string;
  readonly chipId?: string;
  /** The vendor's library that drives the card. */
  readonly library?: {
    readonly path: string;
    readonly sha256: string;
    readonly name: string;
    readonly version: string;
  };
}

/** What the processor of the card must have for a network; 0 where nothing is known. */
export interface CardNeeds {
  readonly nativeDimension: number;
  readonly multifunctionUnits: number;
  readonly matrixRegisters: number;
  readonly initialVectors: number;
  readonly addsubVectors: number;
  readonly dramVectors: number;
  readonly matrixTiles: number;
}

/** A featurizer as the card runs it: one picture in, one tensor of features out. */
export interface CardNetwork {
  /** The ONNX graph. It is read in pieces of a slot, or mapped for a vendor's library; never held as a whole. */
  readonly path: string;
  readonly bytes: number;
  /** Of the file, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly needs: CardNeeds;
  /** Cycles of one run at 300 MHz, for the modelled time. */
  readonly cycles: number;
  readonly input: {
    /** Of the ONNX graph. */
    readonly name: string;
    /** With the border, e.g. 230 × 230 × 3. */
    readonly rows: number;
    readonly columns: number;
    readonly channels: number;
    /** Zeros on each side, e.g. 3: what `run` takes is 224 × 224 × 3. */
    readonly border: number;
  };
  readonly output: {
    readonly name: string;
    readonly rows: number;
    readonly columns: number;
    readonly channels: number;
    /** The card gives blocks of 128 channels; `run` gives rows × columns × channels all the same. */
    readonly interleaved?: boolean;
  };
}

export interface LoadOptions {
  /** Gives the load up: between two requests at once, else when the card was reset. The card is empty then. */
  readonly signal?: AbortSignal;
  /** For the whole load; 60 s. */
  readonly timeoutMs?: number;
}

export interface LoadReport {
  /** What a card would have taken, by a model; absent where the card does not tell. Never measured on hardware. */
  readonly modelledMs?: number;
  /** What it took here. */
  readonly measuredMs: number;
  readonly requests: number;
  readonly bytes: number;
}

export interface RunOptions {
  /** Gives the answer up, not the run: the card ends it, and its slot is free again then. */
  readonly signal?: AbortSignal;
  /** From the moment the request has a slot; 10 s. */
  readonly timeoutMs?: number;
}

export interface RunReport {
  /** What a card would have taken, by a model; absent where the card does not tell. Never measured on hardware. */
  readonly modelledNs?: number;
  /** What it took the card, as it says; absent where it does not. */
  readonly measuredNs?: number;
}

export interface CardRoleStatus {
  readonly state: 'empty' | 'firmware' | 'receiving' | 'compiling' | 'ready';
  readonly loads: number;
  readonly runs: number;
  readonly failures: number;
  /** Begins with `virtual-card` on one. */
  readonly text: string;
}

export interface CardHealth {
  readonly severity: 'ok' | 'warning' | 'transient' | 'unknown' | 'return-board';
  /** Degrees Celsius. */
  readonly temperature?: number;
  readonly memoryErrors: number;
  /** What is not well, or `ok`. */
  readonly text: string;
}

/** Of the opened card, whoever in the process used it. */
export interface CardCounters {
  readonly runs: number;
  readonly failures: number;
  readonly resets: number;
  /** Answers to requests of another owner, or that were given up: dropped. */
  readonly staleAnswers: number;
  /** Wake-ups with nothing done. */
  readonly spuriousEvents: number;
  /** Requests that wait for a slot. */
  readonly waiting: number;
  /** Slots in use. */
  readonly inUse: number;
}

/**
 * A card held by this process. Every thread that attached to it may use it; one thread of its own waits for the card.
 * Promises resolve in the event loop of the thread that called. What a call rejects with is a `DeviceError`, or the
 * signal's reason. After a `DeviceError` of severity `reset` every call fails until `reset` has succeeded.
 */
export interface Card extends AsyncDisposable {
  /** For `attachCard` in another thread of this process. */
  readonly token: number;
  readonly info: CardInfo;
  /** Runs that are with the card at once; as many again wait for a slot, and more are refused with AGAIN. */
  readonly capacity: number;
  readonly counters: CardCounters;
  /** Firmware, init, weights in pieces of a slot. BUSY when a network is loaded. */
  load(network: CardNetwork, options?: LoadOptions): Promise<LoadReport>;
  /** Nothing happens on an empty card. BUSY while something runs. */
  unload(): Promise<void>;
  /**
   * `input` is the picture without its border, rows × columns × channels, `output` takes the features likewise. Both are
   * converted between float32 and half right in the card's memory, in the calling thread: `input` when the request has a
   * slot, which is before this returns while there is a free one, `output` before it resolves.
   */
  run(input: Float32Array, output: Float32Array, options?: RunOptions): Promise<RunReport>;
  /** The card answers with `input`, again and again until `output` is full; needs no network. */
  loopback(input: Uint8Array, output: Uint8Array, options?: RunOptions): Promise<RunReport>;
  /** What the processor says of itself. */
  status(): Promise<CardRoleStatus>;
  /** Temperature, memory, configuration; a card that is gone is a health too. */
  health(): CardHealth;
  /** Everything under way fails; the card is empty and well afterwards, or this rejects. Takes 50 ms to 10 s. */
  reset(): Promise<void>;
  /**
   * Of the opener: what is under way fails with CANCELLED, in every thread, and the node is closed. Of one that attached:
   * only its own requests are given up. Again is harmless; other calls fail with CANCELLED from now on.
   */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** The node's folder in sysfs; `/sys/class/catapult/` and the node's name. */
  readonly sysfs?: string;
  /** From the lease: names this owner in each request; random when absent. */
  readonly epoch?: number;
  /** How many slots are used; 2: while the card computes one, the next is filled. */
  readonly slots?: number;
  /**
   * A vendor's library that drives the card (`native/include/edgeslot_driver.h`); absolute, and writable by nobody but
   * root and its owner. Without one only the virtual card runs models: the request format of others is not public.
   */
  readonly driverLibrary?: string;
  /** Besides root, the user whom the library's file may belong to; none. */
  readonly driverOwner?: number;
}
