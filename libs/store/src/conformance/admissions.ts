// What every way of admission must do: one answer a proposal, in some order, and none lost.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deskOn, proposal, type StoreRig, workload } from './rig.ts';

export function admissionConformance(name: string, rig: StoreRig): void {
  const test = suite(`${name}: admissions`);
  test.before.each(() => rig.wipe());
  test.after.each(() => rig.closeAll());

  test('a proposal is answered by the desk', async () => {
    const service = await rig.open('config-service');
    await service.admissions.serve(deskOn(service));
    const publisher = await rig.open('publisher');
    const admission = await publisher.admissions.submit(proposal([workload('a')]), { timeoutMs: 20_000 });
    assert.ok(admission.ok && admission.version === 1);
    const conflict = proposal([workload('b')], { expectVersion: 0 });
    const rejection = await publisher.admissions.submit(conflict, { timeoutMs: 20_000 });
    assert.ok(!rejection.ok && rejection.rejection.conflict?.head === 1);
  });

  test('the same submission twice makes one version', async () => {
    const service = await rig.open('config-service');
    await service.admissions.serve(deskOn(service));
    const publisher = await rig.open('publisher');
    const each = proposal([workload('a')]);
    const answers = await Promise.all([1, 2, 3].map(() => publisher.admissions.submit(each, { timeoutMs: 20_000 })));
    assert.equal(
      answers.map((answer) => answer.ok && answer.version),
      [1, 1, 1],
    );
    assert.is((await publisher.log.head()).version, 1);
  });

  test('of 50 racing publishers each gets its own version or a conflict, in some serial order', async () => {
    const services = [await rig.open('config-service'), await rig.open('config-service')];
    for (const service of services) await service.admissions.serve(deskOn(service));
    const publishers = await Promise.all(Array.from({ length: 10 }, () => rig.open('publisher')));
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const each = proposal([workload(`p${index % 7}`, `10.0.0.${index}`)], {
          expectVersion: index % 5 === 0 ? 3 : null,
        });
        return { each, answer: await publishers[index % 10]!.admissions.submit(each, { timeoutMs: 60_000 }) };
      }),
    );
    const admitted = answers.flatMap(({ each, answer }) => (answer.ok ? [{ each, version: answer.version }] : []));
    const versions = admitted.map(({ version }) => version).sort((a, b) => a - b);
    assert.equal(
      versions,
      versions.map((_, index) => index + 1),
    );
    assert.ok(answers.every(({ answer }) => answer.ok || answer.rejection.reason === 'conflict'));
    const expected = new Map<string, unknown>();
    for (const { each } of admitted.sort((a, b) => a.version - b.version)) {
      const [resource] = each.wish.type === 'change' ? each.wish.put : [];
      const { metadata, spec } = resource as ReturnType<typeof workload>;
      expected.set(metadata.name, spec);
    }
    const state = await publishers[0]!.log.stateAt('head');
    assert.is(state?.size, expected.size);
    for (const bucket of state?.buckets ?? []) {
      for (const { resource } of bucket.values()) assert.equal(resource.spec, expected.get(resource.metadata.name));
    }
  });

  test.run();
}
