import type { Recipe } from '@edgeslot/scoring/model';
import { Decoder, neededSide, Preprocessor } from '@edgeslot/scoring/preprocess';
import sharp from 'sharp';
import { ratioFigure, timeFigure } from '../figures.js';
import { makeJpeg, makeJpegOfBytes } from '../pictures.js';
import type { Figure, Row } from '../row.js';

/** The original's for ResNet-50. */
const RECIPE: Recipe = {
  resize: { mode: 'aspect-crop', shortSide: 256, height: 224, width: 224 },
  interpolation: 'bilinear-legacy',
  channels: 'BGR',
  mean: [123.68, 116.779, 103.939],
  scale: 1,
  layout: 'NHWC',
};
const SIZES = [
  ['640×480', 640, 480],
  ['1080p', 1920, 1080],
  ['4K', 3840, 2160],
] as const;
const QUALITY = 90;
const SMALL = { width: 320, height: 240, bytes: 6 * 1024 };

/** From JPEG to tensor, as a lane does it, against decoders that are used for this elsewhere. */
export const preprocess: Row = {
  name: 'preprocess',
  measure: async ({ compare, say }) => {
    // What was decoded once would come from the cache.
    sharp.cache(false);
    const figures: Figure[] = [];
    for (const [name, width, height] of SIZES) {
      say(`${name} JPEG`);
      const jpeg = await makeJpeg(width, height, QUALITY);
      const file = `${(jpeg.byteLength / 1024).toFixed(0)} KB, quality ${QUALITY}`;
      const comparison = await compare({
        subjects: {
          exact: preparing(jpeg),
          'sharp decode': () => sharp(jpeg).raw().toBuffer(),
          fast: preparing(jpeg, neededSide(RECIPE)),
          'sharp decode and resize': () =>
            sharp(jpeg).resize({ width: 256, height: 256, fit: 'outside' }).extract(CROP).raw().toBuffer(),
        },
      });
      const note = `${file}; ours in one thread, sharp with its own default`;
      figures.push(
        ratioFigure(comparison, 'exact', 'sharp decode', {
          what: `${name} JPEG to tensor / sharp's decode alone`,
          goal: { atMost: 1 },
          note,
        }),
        ratioFigure(comparison, 'fast', 'sharp decode and resize', {
          what: `${name}, decode: fast / sharp's decode and resize`,
          goal: { atMost: 1.1 },
          note,
        }),
      );
    }
    const small = await makeJpegOfBytes(SMALL.width, SMALL.height, SMALL.bytes);
    const comparison = await compare({ subjects: { small: preparing(small) } });
    figures.push(
      timeFigure(comparison, 'small', {
        what: '6 KB JPEG to tensor',
        goal: { atMost: 0.5 },
        note: `${SMALL.width}×${SMALL.height}, ${small.byteLength} bytes; one thread`,
      }),
    );
    return { figures };
  },
};

const CROP = { left: 16, top: 16, width: 224, height: 224 };

function preparing(jpeg: Buffer, reduceTo?: number): () => Promise<unknown> {
  const preprocessor = new Preprocessor(RECIPE, new Decoder({ reduceTo }));
  const tensor = new Float32Array(preprocessor.size);
  return () => preprocessor.run(jpeg, 'picture', tensor);
}
