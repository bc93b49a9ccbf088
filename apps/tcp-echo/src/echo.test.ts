import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { echoServer } from './echo.ts';
import { greeting } from './greeting.ts';
import { rawBytes, stamp } from './log.ts';

const test = suite('tcp-echo');

test('each greeting line is there only where its variable is set', () => {
  assert.is(greeting({}), '');
  assert.is(greeting({ POD_NAME: 'tcp-echo-v1-x', POD_IP: '' }), 'Running on Pod tcp-echo-v1-x.\n');
  const all = { NODE_NAME: 'n', POD_NAME: 'p', POD_NAMESPACE: 'ns', POD_IP: '10.0.0.1', SERVICE_ACCOUNT: 'default' };
  assert.is(
    greeting(all),
    'Welcome, you are connected to node n.\nRunning on Pod p.\nIn namespace ns.\nWith IP address 10.0.0.1.\nService default.\n',
  );
});

test('a connection is greeted, echoed, logged in the form of the walk-through, and ended with the client', async () => {
  const logged: string[] = [];
  const echo = echoServer('hi\n', (text) => logged.push(text));
  echo.server.listen(0, '127.0.0.1');
  await once(echo.server, 'listening');
  const client = connect((echo.server.address() as AddressInfo).port, '127.0.0.1');
  const received: Buffer[] = [];
  client.on('data', (bytes: Buffer) => received.push(bytes));
  const until = async (text: string) => {
    while (Buffer.concat(received).toString() !== text) await once(client, 'data');
  };
  await until('hi\n');
  client.write('hello, app1\n');
  await until('hi\nhello, app1\n');
  client.end();
  await once(client, 'close');
  while (logged.length < 4) await new Promise((resolve) => setImmediate(resolve));
  echo.close();
  const id = logged[0].split(' ')[0];
  assert.match(logged[0], /Connection opened/);
  assert.is(logged[1], `${id} - Received Raw Data: [104 101 108 108 111 44 32 97 112 112 49 10]`);
  assert.is(logged[2], `${id} - Received Data (converted to string): hello, app1`);
  assert.match(logged[3], /Connection closed/);
});

test('log lines begin with local date and time', () => {
  assert.is(stamp(new Date(2018, 9, 7, 7, 2, 9)), '2018/10/07 07:02:09');
  assert.is(rawBytes(Buffer.from('he')), '[104 101]');
});

test.run();
