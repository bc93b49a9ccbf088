// VirtualServices of the mesh whose hosts meet: whoever claims one of them is told of the others.
import type { ResourceKey } from '@sluice/resource';
import { isPartial } from '../analyze/mesh-hosts.ts';
import { overlaps } from '../host.ts';
import { EVERYWHERE } from '../visibility.ts';
import { analysisWord } from './analysis-words.ts';
import type { ResourceIndex } from './resource-index.ts';
import { behind } from './words.ts';

/** Adds everyone whose claims may meet those of the given words (`mesh SCOPE/HOST`). */
export function addMeshRivals(index: ResourceIndex, mesh: ReadonlySet<string>, into: Set<ResourceKey>): void {
  for (const text of mesh) for (const key of index.with(text)) into.add(key);
  // Across scopes hosts need only overlap.
  const claims = [...mesh].map(claimOf).filter(({ host }) => !isPartial(host));
  const wide = claims.filter(({ scope }) => scope === EVERYWHERE);
  const narrow = claims.filter(({ scope }) => scope !== EVERYWHERE);
  if (wide.length > 0) {
    for (const key of index.with(analysisWord.scopedMesh))
      if (index.wordsOf(key).some((word) => meets(word, false, wide))) into.add(key);
  }
  if (narrow.length > 0) {
    for (const word of index.words()) if (meets(word, true, narrow)) for (const key of index.with(word)) into.add(key);
  }
}

interface Claim {
  readonly scope: string;
  readonly host: string;
}

function claimOf(word: string): Claim {
  const claim = behind('mesh', word)!;
  const slash = claim.indexOf('/');
  return { scope: claim.slice(0, slash), host: claim.slice(slash + 1) };
}

function meets(word: string, everywhere: boolean, claims: readonly Claim[]): boolean {
  if (behind('mesh', word) === undefined) return false;
  const { scope, host } = claimOf(word);
  return (
    (scope === EVERYWHERE) === everywhere && !isPartial(host) && claims.some((claim) => overlaps(claim.host, host))
  );
}
