// `admin explain`: where a described connection goes, by files or by a version of the store.
import { parseResources, type Resource, type ResourceKey } from '@sluice/resource';
import {
  analyze,
  type ConnectionFacts,
  compile,
  type Explanation,
  explain as explainPlan,
  gatewaysElsewhere,
} from '@sluice/route';
import { creationOf, resourcesOf } from '@sluice/version';
import { EXIT, type ExitStatus } from './exit.ts';
import { wrongUsage } from './failure.ts';
import { readInput } from './files.ts';
import { issueJson, issueText } from './issues.ts';
import { print, printJson, tell } from './output.ts';
import type { StoreOptions } from './with-store.ts';

interface Options extends StoreOptions {
  readonly port: number;
  readonly source?: string;
  readonly destination?: string;
  readonly sni?: string;
  readonly alpn?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly at?: number;
  readonly with?: readonly string[];
}

export async function explain(options: Options): Promise<ExitStatus> {
  if (options.with !== undefined) return explainFiles(options.with, options);
  const { withStore } = await import('./with-store.ts');
  return withStore(options, async (store) => {
    const state = options.at === undefined ? await store.log.catchUp(null) : await store.log.stateAt(options.at);
    if (state === null) {
      return (await import('./version-missing.ts')).versionMissing(store, options.at!, options.json === true);
    }
    if (options.json !== true)
      print(`version   ${state.version} of ${store.name}${state.version === 0 ? ': nothing is published' : ''}`);
    return answer(resourcesOf(state), options, creationOf(state));
  });
}

async function explainFiles(paths: readonly string[], options: Options): Promise<ExitStatus> {
  const read = await readInput(paths);
  if (!read.ok) return wrongUsage(read.message, options);
  const set = parseResources(read.files);
  if (set.ok) {
    const { resources, ignored, refused } = set;
    const wrong = analyze(resources, { labels: options.labels, ignored, refused });
    const count = wrong.filter(({ level }) => level === 'error').length;
    if (count > 0)
      tell(
        `${count} ${count === 1 ? 'error' : 'errors'} in these files: \`admin validate\` shows what keeps them from being published`,
      );
    return answer(resources, options);
  }
  const errors = set.issues.filter(({ level }) => level === 'error');
  if (options.json === true) printJson({ ok: false, reason: 'invalid', issues: errors.map(issueJson) });
  else for (const issue of errors) tell(issueText(issue));
  return EXIT.failed;
}

function answer(resources: readonly Resource[], options: Options, creation?: (key: ResourceKey) => number): ExitStatus {
  const { labels } = options;
  const compiled = compile(resources, creation === undefined ? { labels } : { labels, creation });
  const { port, source, destination, sni, alpn } = options;
  const facts: ConnectionFacts = {
    port,
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(sni === undefined ? {} : { sni }),
    ...(alpn === undefined ? {} : { alpn }),
  };
  const explained = explainPlan(compiled, facts);
  const elsewhere = explained.listener === null ? gatewaysElsewhere(resources, labels, port) : [];
  const explanation = { ...explained, why: [...explained.why, ...elsewhere] };
  if (options.json === true) {
    const { listener, route, cluster, subset, endpoints, why } = explanation;
    printJson({ listener, route, cluster, subset, endpoints, why });
  } else print(explanationText(explanation));
  return EXIT.done;
}

function explanationText({ outcome, listener, route, cluster, endpoints, why }: Explanation): string {
  const lines = [
    `outcome   ${outcome}`,
    `listener  ${listener ?? '-'}`,
    `route     ${route ?? '-'}`,
    `cluster   ${cluster ?? '-'}`,
    `endpoints ${endpoints.length === 0 ? '-' : endpoints.join(', ')}`,
    ...why.map((step, index) => `  ${index + 1}. ${step}`),
  ];
  return lines.join('\n');
}
