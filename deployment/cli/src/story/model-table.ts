import type { RegisteredModel, SourceManifest } from '@edgeslot/model-tools';
import { type GraphTensor, type ModelManifest, numericsText, type Postprocessing } from '@edgeslot/scoring/model';
import { formatBytes, table } from './columns.js';
import { recipeText } from './recipe-text.js';
import { type Paint, printable } from './style.js';

/** What `model list` prints. */
export function modelTable(paint: Paint, models: readonly RegisteredModel[]): string[] {
  if (models.length === 0) return ['no models here: `npm start` makes the demo models'];
  const head = ['model', 'network', 'numerics', 'size', 'created', 'description'].map((title) => paint('dim', title));
  const rows = models.map(({ id, manifest, source, bytes = 0, fault }) => {
    const facts = manifest ?? source;
    if (!facts) return [id, '-', '-', '-', '-', paint('bad', printable(fault ?? 'cannot be read'))];
    return [
      id,
      manifest?.network ?? 'SavedModel',
      manifest ? shortNumerics(manifest) : 'not servable',
      formatBytes(bytes),
      facts.created.slice(0, 16).replace('T', ' '),
      printable(facts.description ?? ''),
    ];
  });
  return table([head, ...rows]);
}

/** `float32`, `ms-fp, 5 bits`; `model show` says all of it. */
function shortNumerics({ numerics, numericsDetail: detail }: ModelManifest): string {
  return detail ? `${numerics}, ${detail.mantissaBits} bits${detail.activations ? ', activations too' : ''}` : numerics;
}

/** What `model show` prints of a source. */
export function sourceRows({ name, version, description, created, tags, files }: SourceManifest): string[] {
  return table([
    ['model', `${name}:${version}`],
    ...(description === undefined ? [] : [['description', printable(description)]]),
    ['format', 'TensorFlow SavedModel, kept as source for `convert`: not servable as it is'],
    ['created', created],
    ...Object.entries(tags).map(([key, value]) => ['tag', printable(`${key} = ${value}`)]),
    ...fileRows(files),
  ]);
}

/** What `model show` prints. */
export function modelRows(manifest: ModelManifest): string[] {
  const { name, version, signature, preprocessing, files } = manifest;
  const rows: string[][] = [
    ['model', `${name}:${version}`],
    ...(manifest.description === undefined ? [] : [['description', printable(manifest.description)]]),
    ['network', `${manifest.network}, ${numericsText(manifest)}`],
    ['created', manifest.created],
    ...(manifest.parent === undefined ? [] : [['parent', manifest.parent]]),
  ];
  for (const [key, value] of Object.entries(manifest.tags)) rows.push(['tag', printable(`${key} = ${value}`)]);
  for (const [kind, tensors] of [
    ['input', signature.inputs],
    ['output', signature.outputs],
  ] as const) {
    for (const [alias, { tensor, dtype, shape, also = [] }] of Object.entries(tensors)) {
      rows.push([kind, `${alias} = ${tensor}  ${dtype} [${shape.join(', ')}]`]);
      for (const spelling of also) rows.push(['', `also ${spelling}`]);
    }
  }
  const [pixels, values] = recipeText(preprocessing);
  rows.push(['pictures', pixels], ['', values], ['answers', answersText(manifest.postprocessing)]);
  return table([...rows, ...cardRows(manifest), ...fileRows(files)]);
}

const ANSWERS: Readonly<Record<Postprocessing['type'], string>> = {
  softmax: 'probabilities',
  logits: 'logits; `score` and HTTP make probabilities of them (softmax)',
  ssd: 'class and location maps of SSD; `score` and HTTP make boxes of them',
};

function answersText({ type, labels }: Postprocessing): string {
  return `${ANSWERS[type]}; classes in ${labels}`;
}

/** What an accelerator card takes and gives of the featurizer. */
function cardRows({ device, featurizer }: ModelManifest): string[][] {
  if (!device) return [];
  const tensor = ({ name, shape }: GraphTensor) => `${name} [${shape.join(', ')}]`;
  const { input, output, tail } = device;
  const features = featurizer.outputs.map(({ name }) => name).join(', ');
  return [
    ['card takes', tensor(input)],
    ['card gives', tensor(output)],
    ...(tail === undefined ? [] : [['card tail', `${tail} makes ${features} of it, on the CPU`]]),
  ];
}

function fileRows(files: ModelManifest['files']): string[][] {
  return Object.entries(files).map(([file, { bytes, sha256 }]) => [
    'file',
    `${file}  ${formatBytes(bytes)}  sha256 ${sha256.slice(0, 16)}…`,
  ]);
}
