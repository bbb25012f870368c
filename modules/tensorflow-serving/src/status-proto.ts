import { BYTES, type Reader, readFields, readString, tag, VARINT, type Writer } from './wire.js';

/** `tensorflow.serving.StatusProto`; the codes are gRPC's. */
export interface StatusProto {
  readonly errorCode: number;
  readonly errorMessage: string;
}

export const OK_STATUS: StatusProto = { errorCode: 0, errorMessage: '' };

export function readStatus(reader: Reader, end: number): StatusProto {
  let [errorCode, errorMessage] = [0, ''];
  readFields(reader, end, (field) => {
    switch (field) {
      case tag(1, VARINT):
        errorCode = reader.int32();
        return true;
      case tag(2, BYTES):
        errorMessage = readString(reader);
        return true;
      default:
        return false;
    }
  });
  return { errorCode, errorMessage };
}

export function writeStatus(writer: Writer, { errorCode, errorMessage }: StatusProto): void {
  if (errorCode !== 0) writer.uint32(tag(1, VARINT)).int32(errorCode);
  if (errorMessage !== '') writer.uint32(tag(2, BYTES)).string(errorMessage);
}
