import assert from 'node:assert/strict';
import { it } from 'node:test';
import { faultText, modelLines, progressText } from './demo-models.js';

it('draws a bar with what is done of each step', () => {
  assert.equal(
    progressText({ phase: 'features', done: 240, total: 480 }),
    '[============            ]  50 %  reading features, 240 of 480',
  );
  assert.equal(
    progressText({ phase: 'weights', done: 47_000_000, total: 94_000_000 }),
    '[============            ]  50 %  seeding the network, 47 MB',
  );
  assert.match(progressText({ phase: 'train', done: 0, total: 0 }), / 0 % /);
});

it('tells how often each model was right, and on how many frames that was measured', () => {
  const demo = { id: 'belt-object:1', own: false, accuracy: 0.9917, measuredOn: 120, classes: ['a', 'b'] };
  assert.deepEqual(modelLines({ models: [demo], made: true, removed: [] }), [
    'belt-object:1   99.2 % of 120 unseen frames right  (a, b)',
  ]);
});

it('tells which model is not the demo’s and how to get the demo’s back, and what was removed', () => {
  const trained = { id: 'belt-object:5', own: true, accuracy: 0.5, measuredOn: 4, classes: ['a', 'b'] };
  const registered = { id: 'belt-colour:2', own: true, classes: [] };
  const lines = modelLines({ models: [trained, registered], made: false, removed: ['belt-object:1', 'belt-object:2'] });
  assert.deepEqual(lines.slice(0, 2), [
    'belt-object:5   50.0 % of 4 pictures set aside right  (a, b)',
    'belt-colour:2',
  ]);
  assert.deepEqual(lines.slice(2), [
    "belt-object:5 is yours and newer than the demo's: it is what is served",
    "the demo's comes back with: npx edgeslot model delete belt-object:5",
    "belt-colour:2 is yours and newer than the demo's: it is what is served",
    "the demo's comes back with: npx edgeslot model delete belt-colour:2",
    'removed belt-object:1, belt-object:2: newer ones replace them',
  ]);
});

it('tells what was found wrong with a model, not what a person would do: it is made anew', () => {
  const digest = (digit: string) => digit.repeat(64);
  assert.equal(
    faultText(`m/1/c.onnx was altered: its sha256 is ${digest('a')}, not ${digest('b')}. Put it back`),
    'm/1/c.onnx was altered: its sha256 is aaaaaaaaaaaa…, not bbbbbbbbbbbb…',
  );
});
