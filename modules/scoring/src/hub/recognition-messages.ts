import type { ScoredFrame } from '../camera-frame.js';
import { boxOf, confidenceOf, type Inference, labelOf } from '../http/inferences.js';

/** A message's body, and the application properties by which consumers know its schema. */
export interface SchemaMessage {
  readonly body: Readonly<Record<string, string | number>>;
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * A frame as Microsoft's vision solutions take it: one `image-upload;v1`, which counts what was seen, then a
 * `recognition;v1` for each. Boxes are relative, from 0 to 1, y before x; a class of the whole picture has the whole
 * picture as its box. `procType` is FPGA for a real card only.
 */
export function recognitionMessages(frame: ScoredFrame, inferences: readonly Inference[]): SchemaMessage[] {
  const { camera: cameraId, time, picture, device, latencyMs } = frame;
  const message = (schema: string, body: SchemaMessage['body']): SchemaMessage => ({
    body: { cameraId, time, ...body },
    properties: { 'iothub-message-schema': schema, 'iothub-creation-time-utc': time },
  });
  return [
    message('image-upload;v1', {
      type: picture,
      procType: device === 'catapult' ? 'FPGA' : 'CPU',
      procMsec: latencyMs,
      featureCount: inferences.length,
    }),
    ...inferences.map((inference) => {
      const { l, t, w, h } = boxOf(inference) ?? { l: 0, t: 0, w: 1, h: 1 };
      const box = { bbymin: t, bbxmin: l, bbymax: edge(t + h), bbxmax: edge(l + w) };
      return message('recognition;v1', { cls: labelOf(inference), score: confidenceOf(inference), ...box });
    }),
  ];
}

/** As the boxes are rounded. */
function edge(value: number): number {
  return Number(value.toFixed(6));
}
