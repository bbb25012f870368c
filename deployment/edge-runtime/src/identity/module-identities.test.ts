import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openModuleIdentities } from './module-identities.js';
import { refuseSasToken } from './sas-token.js';

describe('module identities', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-identities-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('are made once, kept, and made anew after a removal', async () => {
    const identities = await openModuleIdentities(dir);
    const [one, two] = await Promise.all([identities.get('camera'), identities.get('camera')]);
    assert.deepEqual(one, two);
    await identities.get('$edgeHub');
    const again = await openModuleIdentities(dir);
    assert.deepEqual(again.find('camera'), one);
    assert.equal((await stat(join(dir, 'camera.json'))).mode & 0o777, 0o600);
    await again.remove('camera');
    assert.equal(again.find('camera'), undefined);
    assert.notDeepEqual(await again.get('camera'), one);
    assert.deepEqual((await readdir(dir)).sort(), ['%24edgeHub.json', 'camera.json']);
  });
});

describe('tokens', () => {
  const key = randomBytes(32);
  const now = new Date('2026-06-01T00:00:00Z');
  const check = { hosts: ['hub.net', 'gateway'], deviceId: 'd', moduleId: 'm', key, now };
  const token = (audience: string, expiry: string, by = key) => {
    const resource = encodeURIComponent(audience);
    const signature = createHmac('sha256', by).update(`${resource}\n${expiry}`).digest('base64');
    return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&skn=&se=${expiry}`;
  };
  const soon = String(now.getTime() / 1000 + 60);

  it('are good for either host, without case', () => {
    assert.equal(refuseSasToken(token('HUB.net/devices/d/modules/m', soon), check), undefined);
    assert.equal(refuseSasToken(token('gateway/devices/d/modules/m', soon), check), undefined);
  });

  it('are refused with a reason that holds no secret', () => {
    const table: [string, RegExp][] = [
      ['', /not a shared access signature/],
      ['SharedAccessSignature sr=x', /lacks sr, sig or se/],
      [token('hub.net/devices/d/modules/m', 'soon'), /not a time/],
      [token('hub.net/devices/d/modules/m', String(now.getTime() / 1000)), /expired at 2026-06-01/],
      [token('hub.net/devices/d/modules/x', soon), /is for "hub.net\/devices\/d\/modules\/x"/],
      [token('else.net/devices/d/modules/m', soon), /is for/],
      [token('hub.net/devices/d/modules/m', soon, randomBytes(32)), /signature is not/],
      ['SharedAccessSignature sr=%ZZ&sig=a&se=99999999999', /is for "%ZZ"/],
    ];
    for (const [text, reason] of table) assert.match(refuseSasToken(text, check) ?? 'accepted', reason);
  });
});
