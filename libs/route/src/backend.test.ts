import type { Service, ServiceEntry } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { indexBackends, lacksPort } from './backend.ts';
import { settingOf } from './options.ts';

const test = suite('backend');

const setting = settingOf({ labels: {} });
const HOST = 's.default.svc.cluster.local';
const metadata = (name: string) => ({ name, namespace: 'default', labels: {}, annotations: {} });
const entry = (name: string, ports: object[]): ServiceEntry =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: metadata(name),
    spec: { hosts: [HOST], ports },
  }) as never;
const service = (spec: object): Service =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: metadata('s'), spec }) as never;
const backendOf = (services: Service[], entries: ServiceEntry[]) =>
  indexBackends({ services, entries, slices: [] }, setting).get(HOST)![0]!;

test('a port is lacking where it is of another protocol, or where there is no port of TCP', () => {
  const udp = { port: 53, protocol: 'UDP' };
  const lacking = (services: Service[], entries: ServiceEntry[] = []) =>
    [53, 80, 81].filter((port) => lacksPort(backendOf(services, entries), port));
  assert.equal(lacking([service({ ports: [udp, { port: 80 }] })]), [53]);
  assert.equal(lacking([service({ ports: [udp] })]), [53, 80, 81]);
  assert.equal(lacking([service({ type: 'ExternalName', externalName: 'x.org' })]), []);
  const entries = [entry('e', [{ number: 81, name: 'a', protocol: 'UDP' }])];
  assert.equal(lacking([service({ ports: [{ port: 80 }] })], entries), [81]);
});

test('resources with one host are gone through once for all clusters', () => {
  let looks = 0;
  const entries = Array.from({ length: 100 }, (_, i) => {
    const ports = [{ number: 80, name: 'a', protocol: 'TCP' }];
    return {
      ...entry(`e${i}`, []),
      spec: {
        hosts: [HOST],
        get ports() {
          looks++;
          return ports;
        },
      },
    } as never;
  });
  const backend = backendOf([], entries);
  const before = looks;
  for (let port = 1_000; port < 1_100; port++) assert.not(lacksPort(backend, port));
  assert.ok(looks - before <= 100, `${looks - before} looks`);
});

test.run();
