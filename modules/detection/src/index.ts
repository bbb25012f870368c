/** Public: what a detector's outputs show, as boxes. Pure, without dependencies. */
export { type Anchors, makeAnchors } from './anchors.js';
export { type ArrangedMaps, type Arrangement, arrangeMaps, type MapTensor, pairMaps } from './arrange-maps.js';
export { MAX_CANDIDATES } from './best-candidates.js';
export {
  type Box,
  DEFAULT_IOU_THRESHOLD,
  DEFAULT_THRESHOLD,
  type Detection,
  type DetectionOptions,
  SsdDetector,
  type SsdMap,
} from './detector.js';
export { anchorsOf, anchorsPerCell, type MapLayout, SSD_VGG_300, type SsdLayout } from './layout.js';
