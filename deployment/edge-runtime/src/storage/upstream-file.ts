export interface UpstreamRecord {
  readonly module: string;
  readonly output?: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly systemProperties: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What would go to IoT Hub: NDJSON, one message per line, rotated by size. */
export interface UpstreamFile {
  readonly path: string;
  /** Messages appended since the file was opened. */
  readonly messages: number;
  /** Resolves when the line is written. */
  append(record: UpstreamRecord): Promise<void>;
  close(): Promise<void>;
}

export declare function openUpstreamFile(options: {
  readonly dir: string;
  readonly maxBytes?: number;
  readonly maxFiles?: number;
}): Promise<UpstreamFile>;
