import { scoringError } from '../errors.js';
import { answerGraph } from './answer-graph.js';
import type { GraphTensor, ModelManifest, Recipe, SignatureTensor } from './manifest.js';
import { checkDevice } from './manifest-device.js';
import { formatShape, sameShape, valuesOfOne } from './shape.js';

/** Values of one tensor of one picture; a manifest that asks for more would take the host's memory. */
const VALUES_LIMIT = 1 << 26;

export type Refuse = (field: string, expected: string, found: string) => never;

/**
 * What a schema cannot say of a manifest: files that are named are listed and inside, the graphs fit the recipe, each
 * other, the card and the signature, SSD has no classifier and the others have one.
 *
 * @throws ScoringError PACKAGE_MANIFEST, PACKAGE_OUTSIDE, PACKAGE_LINK, PACKAGE_DEVICE
 */
export function checkConsistency(manifest: ModelManifest, path: string): void {
  const refuse: Refuse = (field, expected, found) => {
    throw scoringError('PACKAGE_MANIFEST', path, field, `expected ${expected}, found ${found}`);
  };
  checkFiles(manifest, path);
  checkKind(manifest, refuse);
  checkNumerics(manifest, refuse);
  checkTensors(manifest, refuse);
  checkRecipe(manifest, refuse);
  checkDevice(manifest, path);
  checkLink(manifest, path);
  checkSignature(manifest, refuse);
}

function checkFiles({ files, featurizer, classifier, postprocessing, device }: ModelManifest, path: string): void {
  for (const name of Object.keys(files)) {
    if (
      name.split('/').some((segment) => segment === '.' || segment === '..' || segment === '') ||
      name.includes('\\')
    ) {
      throw scoringError('PACKAGE_OUTSIDE', path, `files.${name}`, 'a path that may lead out of it');
    }
    if (name === 'model.json') {
      throw scoringError('PACKAGE_MANIFEST', path, 'files.model.json', 'the manifest does not list itself');
    }
  }
  const named = {
    'featurizer.file': featurizer.file,
    'classifier.file': classifier?.file,
    'postprocessing.labels': postprocessing.labels,
    'device.tail': device?.tail,
  };
  for (const [field, file] of Object.entries(named)) {
    if (file !== undefined && !Object.hasOwn(files, file)) {
      const known = Object.keys(files).join(', ');
      throw scoringError('PACKAGE_MANIFEST', path, field, `${file} is not in "files", which lists ${known}`);
    }
  }
}

function checkKind({ classifier, postprocessing: { type }, featurizer }: ModelManifest, refuse: Refuse): void {
  if (type !== 'ssd') {
    if (!classifier) refuse('classifier', `a graph, as "postprocessing.type" is "${type}"`, 'none');
    return;
  }
  if (classifier) refuse('classifier', 'none, as "postprocessing.type" is "ssd"', classifier.file);
  const { outputs } = featurizer;
  const half = outputs.length / 2;
  if (!Number.isInteger(half)) {
    refuse('featurizer.outputs', 'class maps, then as many location maps', `${outputs.length} outputs`);
  }
  const classes = outputs[0]!.shape.at(-1)!;
  for (const [index, { shape }] of outputs.entries()) {
    const grid = outputs[index % half]!.shape.slice(0, -1);
    const expected = [...grid, index < half ? classes : 4];
    if (shape.length !== 5 || !sameShape(shape, expected)) {
      const kind = index < half ? 'a class map [N,rows,columns,boxes,classes]' : 'the location map of its class map,';
      refuse(`featurizer.outputs[${index}].shape`, `${kind} ${formatShape(expected)}`, formatShape(shape));
    }
  }
}

function checkNumerics({ numerics, numericsDetail }: ModelManifest, refuse: Refuse): void {
  if (numericsDetail && numerics !== 'ms-fp') {
    refuse('numericsDetail', `none, as "numerics" is "${numerics}"`, numericsDetail.format);
  }
}

/** Only the batch may be open: the buffers of a frame are made from these shapes. */
function checkTensors({ featurizer, classifier, device }: ModelManifest, refuse: Refuse): void {
  const tensors: [string, GraphTensor][] = [['featurizer.input', featurizer.input]];
  for (const [index, output] of featurizer.outputs.entries()) tensors.push([`featurizer.outputs[${index}]`, output]);
  if (classifier) tensors.push(['classifier.input', classifier.input]);
  for (const [index, output] of (classifier?.outputs ?? []).entries()) {
    tensors.push([`classifier.outputs[${index}]`, output]);
  }
  if (device) tensors.push(['device.input', device.input], ['device.output', device.output]);
  for (const [field, { shape }] of tensors) {
    const [batch, ...rest] = shape;
    if ((batch !== -1 && batch !== 1) || rest.some((size) => size < 1)) {
      refuse(
        `${field}.shape`,
        'a batch (-1 or 1) and then a known last dimension and all before it',
        formatShape(shape),
      );
    }
    if (valuesOfOne(shape) > VALUES_LIMIT)
      refuse(`${field}.shape`, `at most ${VALUES_LIMIT} values`, formatShape(shape));
  }
  for (const [field, graph] of Object.entries({ featurizer, classifier })) {
    const names = graph?.outputs.map(({ name }) => name) ?? [];
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) refuse(`${field}.outputs`, 'names that differ', `${twice} twice`);
  }
}

function checkRecipe({ preprocessing, featurizer }: ModelManifest, refuse: Refuse): void {
  checkCrop(preprocessing, (field, ...rest) => refuse(`preprocessing.${field}`, ...rest));
  const {
    resize: { height, width },
    layout,
  } = preprocessing;
  const [batch] = featurizer.input.shape;
  const expected = layout === 'NHWC' ? [batch!, height, width, 3] : [batch!, 3, height, width];
  if (!sameShape(expected, featurizer.input.shape)) {
    refuse('featurizer.input.shape', `${formatShape(expected)} (the recipe)`, formatShape(featurizer.input.shape));
  }
}

/** What a schema cannot say of a recipe. */
export function checkCrop({ resize }: Recipe, refuse: Refuse): void {
  if (resize.mode !== 'aspect-crop' || Math.max(resize.height, resize.width) <= resize.shortSide) return;
  refuse('resize', `a crop within the short side of ${resize.shortSide}`, `${resize.height}x${resize.width}`);
}

function checkLink({ featurizer, classifier }: ModelManifest, path: string): void {
  if (!classifier) return;
  const features = featurizer.outputs.find((output) => output.name === classifier.input.name);
  if (!features) {
    const known = featurizer.outputs.map((output) => output.name).join(', ');
    const expected = `an output of the featurizer (${known})`;
    throw scoringError('PACKAGE_LINK', path, 'classifier.input.name', expected, classifier.input.name);
  }
  if (!sameShape(features.shape, classifier.input.shape)) {
    const [expected, found] = [formatShape(features.shape), formatShape(classifier.input.shape)];
    throw scoringError('PACKAGE_LINK', path, 'classifier.input.shape', expected, found);
  }
}

function checkSignature(manifest: ModelManifest, refuse: Refuse): void {
  const { inputs, outputs } = manifest.signature;
  const [input, ...more] = Object.entries(inputs);
  if (more.length > 0) refuse('signature.inputs', 'one input', Object.keys(inputs).join(', '));
  const [alias, { dtype, shape }] = input!;
  const { input: graphInput, outputs: graphOutputs } = { ...answerGraph(manifest), input: manifest.featurizer.input };
  if (dtype === 'float' && !sameShape(shape, graphInput.shape)) {
    refuse(`signature.inputs.${alias}.shape`, formatShape(graphInput.shape), formatShape(shape));
  }
  for (const [name, output] of Object.entries(outputs)) {
    const graph = graphOutputs.find((one) => one.name === output.tensor);
    if (!graph) {
      const known = graphOutputs.map((one) => one.name).join(', ');
      refuse(
        `signature.outputs.${name}.tensor`,
        `an output of ${answerGraph(manifest).file} (${known})`,
        output.tensor,
      );
      continue;
    }
    if (!sameShape(graph.shape, output.shape)) {
      refuse(`signature.outputs.${name}.shape`, formatShape(graph.shape), formatShape(output.shape));
    }
    if (output.dtype !== 'float') refuse(`signature.outputs.${name}.dtype`, 'float', output.dtype);
  }
  checkSpellings('inputs', inputs, refuse);
  checkSpellings('outputs', outputs, refuse);
}

/** One name means one tensor. */
function checkSpellings(side: string, tensors: Readonly<Record<string, SignatureTensor>>, refuse: Refuse): void {
  const owners = new Map<string, string>();
  for (const [alias, { tensor, also = [] }] of Object.entries(tensors)) {
    for (const name of new Set([alias, tensor, ...also])) {
      const owner = owners.get(name);
      if (owner !== undefined) refuse(`signature.${side}.${alias}`, 'names of its own', `${name}, which is ${owner}'s`);
      owners.set(name, alias);
    }
  }
}
