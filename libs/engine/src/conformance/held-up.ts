// Conformance: a thread that was held up (by the machine, a collection, another session) passes no deadline before it has
// looked at what arrived meanwhile.
import * as assert from 'uvu/assert';
import type { Case } from './index.ts';

/** Shorter than the hold-up by far, longer than what comes before it. */
const limitMs = 50;
const heldUpMs = 200;

function holdUp(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, heldUpMs);
}

export const heldUpCases: readonly Case[] = [
  {
    name: 'held up, a session whose bytes have arrived is not idle',
    async run(rig) {
      const { client, upstream, report } = await rig.joined({ idleMs: limitMs });
      client.socket.write('came in time');
      holdUp();
      assert.is(await upstream.text(12), 'came in time');
      assert.is((await report).bytesUp, 12);
    },
  },
  {
    name: 'held up, a connect that was made is no timeout',
    async run(rig) {
      const endpoint = await rig.endpoint();
      const dialing = rig.dial({ port: endpoint.port, timeoutMs: limitMs });
      holdUp();
      const dialed = await dialing;
      assert.is(dialed.ok ? '' : dialed.error.message, '');
    },
  },
  {
    name: 'held up, a peek is shown what has arrived',
    async run(rig) {
      const client = await rig.client(await rig.listen());
      const { end } = await rig.taken();
      const peeking = rig.peek(end, { bytes: 64, deadlineMs: limitMs }, () => 'enough');
      client.socket.write('first bytes');
      holdUp();
      assert.is(await peeking, 'enough');
    },
  },
];
