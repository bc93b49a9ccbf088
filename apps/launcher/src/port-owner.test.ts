import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { skip } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { portOwner } from './port-owner.ts';

const test = suite('port owner');

const name = 'a port in use is told with its process, on the address and on all addresses, and a free one is not';
if (!existsSync('/proc/net/tcp')) skip(test, name, 'there is no /proc here');
else
  test(name, async () => {
    for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
      const server = createServer().listen(0, host);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      assert.match(portOwner('127.0.0.1', port) ?? '', `process ${process.pid}: `);
      server.close();
      await once(server, 'close');
      assert.is(portOwner('127.0.0.1', port), null);
    }
  });

test.run();
