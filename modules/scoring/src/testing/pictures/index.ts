/** For tests: pictures of every flavour, and spoilt ones. */
export { damage } from './damage.js';
export { FLAVOURS, type Flavour, REFUSED_FLAVOURS } from './flavours.js';
export { type FuzzReport, fuzzPictures } from './fuzz-pictures.js';
export { randomScene, type Scene, scenePixels } from './scene.js';
export { type GifFrame, type GifOptions, writeGif } from './write-gif.js';
export { joinPng, type PngChunk, type PngOptions, writePng } from './write-png.js';
