import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSettings, type Settings } from './settings.ts';

const test = suite('settings');

function read(variables: Record<string, string>): Settings {
  const result = readSettings(variables);
  if (!result.ok) throw new Error(result.complaints.join('\n'));
  return result.value;
}

test('an empty environment gives the documented defaults', () => {
  const settings = read({});
  assert.is(settings.store, 'redis://127.0.0.1:6379');
  assert.equal(settings.labels, { istio: 'ingressgateway' });
  assert.is(settings.bind, '0.0.0.0');
  assert.ok(settings.workers >= 1);
  assert.is(settings.engine, 'auto');
  assert.equal([settings.adminHost, settings.adminPort], ['127.0.0.1', 15000]);
  assert.is(settings.stateDir, './.sluice');
  assert.is(settings.drainMs, 30_000);
  assert.is(settings.logLevel, 'info');
});

test('given values are taken', () => {
  const settings = read({
    SLUICE_LABELS: 'istio=edge, tier = front',
    SLUICE_ADMIN: '[::1]:0',
    SLUICE_DRAIN_SECONDS: '0',
    SLUICE_PROXY_FROM: '10.0.0.0/8, 2001:db8::/32',
    SLUICE_REUSE_PORT: 'on',
  });
  assert.equal(settings.labels, { istio: 'edge', tier: 'front' });
  assert.equal([settings.adminHost, settings.adminPort], ['::1', 0]);
  assert.is(settings.drainMs, 0);
  assert.equal(settings.proxyFrom, ['10.0.0.0/8', '2001:db8::/32']);
  assert.is(settings.reusePort, true);
});

test('every wrong value is complained about, at once and with what was given', () => {
  const wrong = {
    SLUICE_WORKERS: '0',
    SLUICE_ENGINE: 'fast',
    SLUICE_ADMIN: '15000',
    SLUICE_LABELS: 'istio',
    SLUICE_DRAIN_SECONDS: '-1',
    LOG_LEVEL: 'loud',
    SLUICE_PROXY_FROM: '10.0.0.0/99',
  };
  const result = readSettings(wrong);
  if (result.ok) throw new Error('wrong settings were taken');
  for (const [name, value] of Object.entries(wrong)) {
    assert.ok(
      result.complaints.some((complaint) => complaint.includes(name) && complaint.includes(`"${value}"`)),
      `${name} in ${result.complaints}`,
    );
  }
});

test.run();
