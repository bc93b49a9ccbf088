// The sample upstream of the walk-through: greets with what its variables say, then sends back what it gets.
// Variables: TCP_PORT (required), TCP_ADDRESS (default: all addresses), and for the greeting NODE_NAME, POD_NAME,
// POD_NAMESPACE, POD_IP, SERVICE_ACCOUNT: each line is sent only where its variable is set.
import { once } from 'node:events';
import { echoServer } from './echo.ts';
import { greeting } from './greeting.ts';
import { line } from './log.ts';

const { TCP_PORT: portText = '', TCP_ADDRESS: address } = process.env;
const port = Number(portText);
if (portText === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
  line(`TCP_PORT must be a port number (0..65535), not "${portText}"`, process.stderr);
  process.exit(2);
}

const echo = echoServer(greeting(process.env), line);
echo.server.listen({ port, host: address === '' ? undefined : address });
try {
  await once(echo.server, 'listening');
} catch (cause) {
  line(`cannot listen on ${address ?? '*'}:${port}: ${(cause as Error).message}`, process.stderr);
  process.exit(1);
}
const bound = echo.server.address();
line(`Listening on ${typeof bound === 'object' && bound !== null ? `${bound.address}:${bound.port}` : bound}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    line(`${signal}: closing`);
    echo.close();
  });
}
