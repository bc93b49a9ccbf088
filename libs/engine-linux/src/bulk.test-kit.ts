// Moves bulk through the engine by a thread that has no time to spare, for tests that take calls away from it.
import type { WorkerEngineOptions } from '@sluice/engine';
import { Rig } from '@sluice/engine/conformance/rig';
import type { LinuxAccepting } from './accepting.ts';
import { linuxEngine, spliceRefusal } from './index.ts';
import { openWorker } from './worker.ts';

/** Its epoll set, and the two ends of a session. */
const ownedWithoutPipes = 3;
const bulkBytes = 24 << 20;

/** `pipes`: descriptors of pipes in use when the bulk had passed. */
export async function bulk() {
  const openWith = (ticket: unknown, options: WorkerEngineOptions) => openWorker(ticket, options, () => 1);
  const rig = new Rig({ ...linuxEngine, openWorker: openWith });
  try {
    const { client, upstream } = await rig.joined();
    const sent = Buffer.alloc(bulkBytes, 'bulk that differs from place to place ');
    upstream.socket.write(sent);
    await client.until((peer) => peer.length === bulkBytes || peer.ended || peer.errno !== '');
    return {
      supported: linuxEngine.supported().ok,
      refusal: spliceRefusal(),
      whole: client.received().equals(sent),
      pipes: (rig.accepting as LinuxAccepting).owned(0) - ownedWithoutPipes,
    };
  } finally {
    await rig.close();
  }
}
