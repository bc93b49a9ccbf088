import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseResources } from './index.ts';

const test = suite('unapplied-fields');

test('a field without effect is answered with a notice at its place', () => {
  const set = parseResources([
    {
      path: 'x.yaml',
      text: `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: a }
spec:
  host: a
  trafficPolicy:
    loadBalancer:
      warmup: { duration: 10s }
    connectionPool:
      http: { maxRetries: 3 }
  subsets:
  - name: v1
    trafficPolicy:
      portLevelSettings:
      - port: { number: 80 }
        connectionPool:
          http: { maxRetries: 3 }
---
apiVersion: v1
kind: Service
metadata: { name: a }
spec: { ports: [{ port: 80 }], sessionAffinity: None }
`,
    },
  ]);
  assert.ok(set.ok);
  assert.equal(
    set.issues.map(({ code, level, line, path }) => `${code} ${level} ${line} ${path}`),
    [
      'SLU1021 notice 10 spec.trafficPolicy.connectionPool.http',
      'SLU1021 notice 8 spec.trafficPolicy.loadBalancer.warmup',
      'SLU1021 notice 17 spec.subsets[0].trafficPolicy.portLevelSettings[0].connectionPool.http',
    ],
  );
});

test.run();
