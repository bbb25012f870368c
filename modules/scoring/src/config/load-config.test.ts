import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { ScoringError } from '../errors.js';
import { configSchema, LiveSettings, loadConfig, validateDesired } from './index.js';

const findings = (env: Record<string, string>, argv: string[] = []): string[] => {
  try {
    loadConfig({ env, argv });
  } catch (error) {
    assert.ok(error instanceof ScoringError);
    assert.equal(error.code, 'CONFIG_INVALID');
    return error.message.split('\n');
  }
  return assert.fail('was accepted');
};

test('defaults, then the environment, then the command line', () => {
  const config = loadConfig({
    env: { MODEL_NAME: 'a', GRPC_PORT: '1', HTTP_PORT: '', DEVICE: 'emulator', RuntimeLogLevel: 'Information,extra' },
    argv: ['--model', 'b:2', '--grpc-port=0'],
  });
  assert.deepEqual(config.model, { name: 'b', version: 2 });
  assert.equal(config.grpcPort, 0);
  assert.equal(config.httpPort, 8080);
  assert.equal(config.device.choice, 'emulator');
  assert.equal(config.logLevel, 'info');
  assert.equal(config.scoring.queueLimit, 64);
  assert.equal(loadConfig({ env: {}, argv: [] }).model, undefined);
});

test('lanes and threads are auto or a number, from every source', () => {
  const lanes = (env: Record<string, string>, argv: string[] = []) => {
    const { lanes, threads } = loadConfig({ env, argv }).scoring;
    return [lanes, threads];
  };
  assert.deepEqual(lanes({}), ['auto', 'auto']);
  assert.deepEqual(lanes({ SCORING_LANES: '4', SCORING_THREADS: 'auto' }, ['--threads', '2']), [4, 2]);
  assert.deepEqual(findings({ SCORING_LANES: '0', SCORING_THREADS: 'many' }), [
    'SCORING_LANES: 0; expected auto or an integer from 1 to 64',
    'SCORING_THREADS: "many"; expected auto or an integer from 1 to 64',
  ]);
  assert.deepEqual(validateDesired('scoring', { lanes: 65 }), {
    ok: false,
    text: 'scoring.lanes: 65; expected auto or an integer from 1 to 64',
  });
});

test('the configuration is frozen through and through', () => {
  const config = loadConfig({ env: {}, argv: [] });
  assert.throws(() => Object.assign(config, { host: 'x' }), TypeError);
  assert.throws(() => Object.assign(config.scoring, { timeoutMs: 1 }), TypeError);
});

test('every finding is reported at once, with name, value and what was expected', () => {
  assert.deepEqual(
    findings({ GRPC_PORT: '70000', MODEL_NAME: 'a b', DEVICE: 'fpga', RuntimeLogLevel: 'loud' }, [
      '--http-port',
      'eighty',
      '--color',
      '--host',
    ]),
    [
      '--color: unknown argument; expected one of --models, --model, --device, --lanes, --threads, --swap-memory, --host, --grpc-port, --http-port, --metrics-port, --max-message-bytes, --lease, --card, --driver-library, --telemetry-dir, --telemetry-max-bytes, --log-level',
      '--host: has no value; expected --host VALUE',
      'MODEL_NAME: "a b"; expected a model id, name or name:version',
      'GRPC_PORT: 70000; expected a port number from 0 (any free one) to 65535',
      '--http-port: "eighty"; expected a port number from 0 (any free one) to 65535',
      'RuntimeLogLevel: "loud"; expected one of Fatal, Error, Warning, Information, Debug, Verbose (or fatal, error, warning, info, debug, verbose)',
      'DEVICE: "fpga"; expected one of auto, catapult, emulator',
    ],
  );
});

test('no text of a variable makes the loader fail in another way', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 30 });
  fc.assert(
    fc.property(anyText, anyText, fc.array(anyText, { maxLength: 4 }), (port, model, argv) => {
      try {
        loadConfig({ env: { GRPC_PORT: port, MODEL_NAME: model, RuntimeLogLevel: port }, argv });
      } catch (error) {
        assert.equal((error as ScoringError).code, 'CONFIG_INVALID');
      }
    }),
  );
});

test('the log level is read in both spellings', () => {
  const level = (text: string) => loadConfig({ env: { RuntimeLogLevel: text }, argv: [] }).logLevel;
  assert.equal(level('Information'), 'info');
  assert.equal(level('verbose'), 'verbose');
  assert.equal(level('WARN,Microsoft=Error'), 'warning');
  assert.match(findings({ RuntimeLogLevel: 'constructor' })[0]!, /^RuntimeLogLevel: "constructor"; expected one of/);
});

test('a desired section gets defaults, or every finding', () => {
  assert.deepEqual(validateDesired('telemetry', { intervalMs: 500 }), {
    ok: true,
    value: { enabled: true, intervalMs: 500, onlyOnChange: false, minConfidence: 0, format: 'inferences' },
  });
  assert.deepEqual(validateDesired('model', { name: 'a:1' }), { ok: true, value: { name: 'a:1' } });
  assert.deepEqual(validateDesired('model', {}), {
    ok: false,
    text: 'model.name: is missing; expected a model id, name or name:version',
  });
  assert.deepEqual(validateDesired('scoring', { timeoutMs: 'long', colour: 1 }), {
    ok: false,
    text: 'scoring.colour: unknown; expected one of replyEncoding, timeoutMs, queueLimit, maxBatch, maxReplyBytes, maxImageBytes, maxImagePixels, maxImageSide, maxDecodeMs, decode, lanes, threads; scoring.timeoutMs: "long"; expected milliseconds from 1 to 600000',
  });
  for (const value of [null, 3, 'x', [], true]) assert.equal(validateDesired('swap', value).ok, false);
});

test('a live section changes at once, or names what waits for a restart', () => {
  const settings = new LiveSettings(loadConfig({ env: {}, argv: [] }));
  const cameras = { ...settings.cameras, topK: 1, minConfidence: 0.5 };
  assert.deepEqual(settings.apply('cameras', cameras), []);
  assert.deepEqual(settings.cameras, cameras);
  assert.deepEqual(settings.apply('scoring', { ...settings.scoring, decode: 'fast', timeoutMs: 9 }), ['decode']);
  assert.equal(settings.scoring.timeoutMs, 9);
  settings.apply('scoring', undefined);
  assert.equal(settings.scoring.timeoutMs, 30_000);
  assert.deepEqual(settings.apply('device', { choice: 'emulator' }), ['choice']);
});

test('the published schema file is the schema in use', () => {
  const file = new URL('../../config.schema.json', import.meta.url);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), configSchema);
});
