// The acceptor process: configured by its environment alone, ended by SIGTERM (drains) or a second signal (at once).
import { createLogger } from '@sluice/observe';
import { Acceptor } from './acceptor.ts';
import { serveAdmin } from './admin.ts';
import { readSettings } from './settings.ts';

const read = readSettings(process.env);
if (!read.ok) {
  for (const complaint of read.complaints) process.stderr.write(`${complaint}\n`);
  process.exit(2);
}
const settings = read.value;
const log = createLogger({ component: 'acceptor', level: settings.logLevel, fields: { acceptor: settings.id } });

const acceptor = new Acceptor(settings, log);
const end = async (reason: string) => {
  log.info({ event: 'ending', reason });
  await acceptor.drain();
  admin.close();
  process.exit(0);
};
const admin = await serveAdmin(
  { state: acceptor.state, drain: () => void end('POST /drain'), faults: settings.faults },
  settings.adminHost,
  settings.adminPort,
).catch((cause: Error) => {
  log.fatal({ event: 'admin-failed', reason: cause.message }, `SLUICE_ADMIN cannot be listened on: ${cause.message}`);
  process.exit(1);
});
log.info({ event: 'admin-listening', address: `${admin.address}:${admin.port}` });

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void end(signal);
    process.on(signal, () => acceptor.hurry());
  });
}

await acceptor.start().catch((cause: Error) => {
  log.fatal({ event: 'start-failed', err: cause }, 'the workers cannot be started');
  process.exit(1);
});
log.info({
  event: 'started',
  engine: acceptor.state.report().engine,
  workers: settings.workers,
  maxSessions: acceptor.maxSessions,
  labels: settings.labels,
});
