/** A telemetry message, ready for the wire: UTF-8 JSON. */
export interface OutgoingMessage {
  readonly id: string;
  readonly output: string;
  readonly body: Buffer;
  readonly properties: Readonly<Record<string, string>>;
}
