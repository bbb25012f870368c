import type { ModelManifest } from '@edgeslot/scoring/model';
import { formatBytes, table } from './columns.js';
import type { Paint } from './style.js';

/** What `model list` prints. */
export function modelTable(paint: Paint, manifests: readonly ModelManifest[]): string[] {
  if (manifests.length === 0) return ['no models here: `npm start` makes the demo models'];
  const head = ['model', 'network', 'numerics', 'size', 'created', 'description'].map((title) => paint('dim', title));
  const rows = manifests.map((manifest) => [
    `${manifest.name}:${manifest.version}`,
    manifest.network,
    manifest.numerics,
    formatBytes(sizeOf(manifest)),
    manifest.created.slice(0, 16).replace('T', ' '),
    manifest.description ?? '',
  ]);
  return table([head, ...rows]);
}

/** What `model show` prints. */
export function modelRows(manifest: ModelManifest): string[] {
  const { name, version, signature, preprocessing, files } = manifest;
  const rows: string[][] = [
    ['model', `${name}:${version}`],
    ...(manifest.description === undefined ? [] : [['description', manifest.description]]),
    ['network', `${manifest.network}, ${manifest.numerics}`],
    ['created', manifest.created],
    ...(manifest.parent === undefined ? [] : [['parent', manifest.parent]]),
  ];
  for (const [key, value] of Object.entries(manifest.tags)) rows.push(['tag', `${key} = ${value}`]);
  for (const [kind, tensors] of [
    ['input', signature.inputs],
    ['output', signature.outputs],
  ] as const) {
    for (const [alias, { tensor, dtype, shape }] of Object.entries(tensors)) {
      rows.push([kind, `${alias} = ${tensor}  ${dtype} [${shape.join(', ')}]`]);
    }
  }
  rows.push([
    'pictures',
    `${preprocessing.resize.mode} to ${preprocessing.resize.height}x${preprocessing.resize.width}, ${preprocessing.channels}`,
  ]);
  for (const [file, { bytes, sha256 }] of Object.entries(files)) {
    rows.push(['file', `${file}  ${formatBytes(bytes)}  sha256 ${sha256.slice(0, 16)}…`]);
  }
  return table(rows);
}

function sizeOf({ files }: ModelManifest): number {
  return Object.values(files).reduce((total, { bytes }) => total + bytes, 0);
}
