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
  const models = [{ id: 'belt-object:1', accuracy: 0.9917, measuredOn: 120, classes: ['a', 'b'] }];
  assert.deepEqual(modelLines({ models, made: true }), ['belt-object:1   99.2 % of 120 unseen frames right  (a, b)']);
});

it('tells what was found wrong with a model, not what a person would do: it is made anew', () => {
  const digest = (digit: string) => digit.repeat(64);
  assert.equal(
    faultText(`m/1/c.onnx was altered: its sha256 is ${digest('a')}, not ${digest('b')}. Put it back`),
    'm/1/c.onnx was altered: its sha256 is aaaaaaaaaaaa…, not bbbbbbbbbbbb…',
  );
});
