// Conformance: looking at first bytes, discarding a header, prefaces.
import * as assert from 'uvu/assert';
import type { Case } from './index.ts';
import { until } from './rig.ts';

const limits = { bytes: 1024, deadlineMs: 60_000 };

export const peekCases: readonly Case[] = [
  {
    name: 'a peek shows the bytes so far each time there are more, and consumes none',
    async run(rig) {
      const { client, end } = await accepted(rig);
      const seen: string[] = [];
      const peeked = rig.peek(end, limits, (bytes) => {
        seen.push(Buffer.from(bytes).toString());
        if (seen.length === 1) client.socket.write('lo');
        return bytes.length >= 5 ? 'enough' : 'more';
      });
      client.socket.write('hel');
      assert.is(await peeked, 'enough');
      assert.is(seen.at(-1), 'hello');
      assert.ok(seen[0] !== undefined && 'hello'.startsWith(seen[0]));
      const { upstream } = await join(rig, end);
      assert.is(await upstream.text(5), 'hello');
    },
  },
  {
    name: 'discarded bytes are not relayed, and a second peek starts behind them',
    async run(rig) {
      const { client, end } = await accepted(rig);
      client.socket.write('HEADERhello');
      await rig.peek(end, limits, (bytes) => (bytes.length >= 11 ? 'enough' : 'more'));
      rig.worker.discard(end, 6);
      let second = '';
      await rig.peek(end, limits, (bytes) => {
        second = Buffer.from(bytes).toString();
        return 'enough';
      });
      assert.is(second, 'hello');
      const { upstream } = await join(rig, end);
      assert.is(await upstream.text(5), 'hello');
    },
  },
  {
    name: 'a client that never speaks runs into the deadline, and the end is still good',
    async run(rig) {
      const { client, end } = await accepted(rig);
      assert.is(await rig.peek(end, { bytes: 10, deadlineMs: 20 }, () => 'more'), 'timeout');
      rig.worker.reset(end);
      await client.until((peer) => peer.closed);
    },
  },
  {
    name: 'a client that trickles does not move the deadline',
    async run(rig) {
      const { client, end } = await accepted(rig);
      const trickle = setInterval(() => client.socket.write('x'), 5);
      try {
        assert.is(await rig.peek(end, { bytes: 1_000_000, deadlineMs: 60 }, () => 'more'), 'timeout');
      } finally {
        clearInterval(trickle);
      }
    },
  },
  {
    name: 'no more than the limit is shown, and then it is full',
    async run(rig) {
      const { client, end } = await accepted(rig);
      client.socket.write(Buffer.alloc(5000, 1));
      let most = 0;
      const how = await rig.peek(end, { bytes: 1000, deadlineMs: 60_000 }, (bytes) => {
        most = Math.max(most, bytes.length);
        return 'more';
      });
      assert.is(how, 'full');
      assert.is(most, 1000);
      const { upstream } = await join(rig, end);
      await upstream.until((peer) => peer.length === 5000);
    },
  },
  {
    name: 'a client that leaves while looked at is told as closed',
    async run(rig) {
      const first = await accepted(rig);
      first.client.socket.end('ab');
      assert.is(await rig.peek(first.end, limits, () => 'more'), 'closed');
      const second = await accepted(rig);
      const peeked = rig.peek(second.end, limits, () => 'more');
      second.client.socket.resetAndDestroy();
      assert.is(await peeked, 'closed');
    },
  },
  {
    name: 'the look is told when the client will send no more',
    async run(rig) {
      const { client, end } = await accepted(rig);
      client.socket.end('ab');
      let sawEnd = false;
      await rig.peek(end, limits, (_bytes, ended) => {
        sawEnd ||= ended;
        return 'more';
      });
      assert.ok(sawEnd);
    },
  },
  {
    name: 'closing an end aborts its peek',
    async run(rig) {
      const { end } = await accepted(rig);
      const peeked = rig.peek(end, limits, () => 'more');
      rig.worker.close(end);
      assert.is(await peeked, 'aborted');
      await until(() => rig.worker.held() === 0);
    },
  },
  {
    name: 'a preface goes to the endpoint before the client bytes',
    async run(rig) {
      const { client, end } = await accepted(rig);
      client.socket.write('payload');
      const { upstream, report } = await join(rig, end, 'PROXY ');
      assert.is(await upstream.text(13), 'PROXY payload');
      client.socket.end();
      upstream.socket.end();
      assert.is((await report).bytesUp, 7, 'a preface is not payload');
    },
  },
];

type Rig = Parameters<Case['run']>[0];

async function accepted(rig: Rig) {
  const client = await rig.client(await rig.listen());
  return { client, end: (await rig.taken()).end };
}

async function join(rig: Rig, end: number, preface = '') {
  const endpoint = await rig.endpoint();
  const dialed = await rig.dial({ port: endpoint.port });
  if (!dialed.ok) throw new Error(dialed.error.message);
  if (preface !== '') rig.worker.preface(dialed.value, Buffer.from(preface));
  const upstream = await endpoint.next();
  return { upstream, ...rig.relay(end, dialed.value) };
}
