import type { Box } from '@edgeslot/detection';
import type { Recipe } from '../model/manifest.js';
import { windowOf } from './sampling-plan.js';

/**
 * A box of the network's input as a box of the picture, `width` × `height` pixels, that the input was cut out of; edges
 * of both are shares from 0 to 1.
 */
export function inPicture(
  box: Box,
  { width, height }: { readonly width: number; readonly height: number },
  resize: Recipe['resize'],
): Box {
  const window = windowOf(width, height, resize);
  const across = (edge: number) => (window.left + edge * resize.width) / window.width;
  const down = (edge: number) => (window.top + edge * resize.height) / window.height;
  return { left: across(box.left), top: down(box.top), right: across(box.right), bottom: down(box.bottom) };
}
