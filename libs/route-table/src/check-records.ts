// Checks every reference and number in the records of a table. The indexes are check-indexes.ts.

import { type Bound, followOn, isSoundSpan, outOfRange, type Spans, strayCounts } from './bounds.ts';
import {
  ACTIONS,
  BALANCERS,
  CHAIN,
  CLUSTER,
  CLUSTER_MEMBERS,
  CONDITION,
  CONDITION_INDEXED,
  CONDITION_KINDS,
  CONDITION_NOT,
  DESTINATION,
  ENDPOINT,
  KIND_PORT,
  LISTENER,
  MEMBER,
  NO_TLS,
  NO_VALUE,
  POLICY,
  POLICY_RULE,
  RULE,
} from './layout.ts';
import { MAX_DESTINATIONS } from './limits.ts';
import type { RouteTable } from './table.ts';

const MAX_WORD = 0x7fff_ffff;
const MAX_PORT = 65_535;
/** High word of the largest safe integer. */
const MAX_HIGH_WORD = 0x1f_ffff;

/** What is broken, or undefined. */
export function checkRecords(table: RouteTable): string | undefined {
  return checkStrings(table) ?? checkFields(table) ?? checkSpans(table) ?? checkLists(table) ?? checkChains(table);
}

function checkStrings({ stringEnds, strings }: RouteTable): string | undefined {
  let last = 0;
  for (let id = 0; id < stringEnds.length; id++) {
    if (stringEnds[id] < last || stringEnds[id] > strings.length) return `stringEnds[${id}]`;
    last = stringEnds[id];
  }
  return undefined;
}

function checkFields(table: RouteTable): string | undefined {
  const text = table.stringEnds.length - 1;
  const clusters = table.clusters.length / CLUSTER.stride - 1;
  const sections: readonly (readonly [keyof RouteTable & string, Int32Array, number, readonly Bound[]])[] = [
    ['listeners', table.listeners, LISTENER.stride, listenerBounds(text)],
    ['rules', table.rules, RULE.stride, ruleBounds(text)],
    ['conditions', table.conditions, CONDITION.stride, CONDITION_BOUNDS],
    ['policies', table.policies, POLICY.stride, policyBounds(text)],
    ['destinations', table.destinations, DESTINATION.stride, destinationBounds(clusters)],
    ['clusters', table.clusters, CLUSTER.stride, clusterBounds(text)],
    ['members', table.members, MEMBER.stride, memberBounds(table.endpoints.length / ENDPOINT.stride - 1)],
    ['endpoints', table.endpoints, ENDPOINT.stride, endpointBounds(text)],
  ];
  for (const [section, words, stride, bounds] of sections) {
    const broken = outOfRange(section, words, stride, bounds);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

const listenerBounds = (text: number): Bound[] => [
  [LISTENER.name, 0, text],
  [LISTENER.bind, 0, text],
  [LISTENER.port, 0, MAX_PORT],
  [LISTENER.inspectsTls, 0, 1],
];
const ruleBounds = (text: number): Bound[] => [
  [RULE.name, 0, text],
  [RULE.destinationCount, 1, MAX_DESTINATIONS],
  [RULE.idleTimeout + 1, 0, MAX_HIGH_WORD],
  [RULE.maxDuration + 1, 0, MAX_HIGH_WORD],
  [RULE.tls, NO_TLS, text],
];
const CONDITION_BOUNDS: Bound[] = [
  [CONDITION.kind, 0, CONDITION_KINDS.length - 1],
  [CONDITION.flags, 0, CONDITION_NOT | CONDITION_INDEXED],
];
const policyBounds = (text: number): Bound[] => [
  [POLICY.name, 0, text],
  [POLICY.action, 0, ACTIONS.length - 1],
  [POLICY.dryRun, 0, 1],
];
const destinationBounds = (clusters: number): Bound[] => [
  [DESTINATION.cluster, 0, clusters],
  [DESTINATION.alias, 0, clusters],
  [DESTINATION.weight, 0, MAX_WORD],
];
const memberBounds = (endpoints: number): Bound[] => [
  [MEMBER.endpoint, 0, endpoints],
  [MEMBER.weight, 1, MAX_WORD],
];
const endpointBounds = (text: number): Bound[] => [
  [ENDPOINT.address, 0, text],
  [ENDPOINT.port, 0, MAX_PORT],
];
const clusterBounds = (text: number): Bound[] => [
  [CLUSTER.name, 0, text],
  [CLUSTER.host, 0, text],
  [CLUSTER.subset, 0, text],
  [CLUSTER.port, 0, MAX_PORT],
  [CLUSTER.balancer, 0, BALANCERS.length - 1],
  [CLUSTER.hashTableSize, 0, MAX_WORD],
  [CLUSTER.connectTimeout + 1, 0, MAX_HIGH_WORD],
  [CLUSTER.maxConnections, 0, MAX_WORD],
  [CLUSTER.proxyProtocol, 0, 2],
  [CLUSTER.hasKeepalive, 0, 1],
  [CLUSTER.keepaliveProbes, 0, MAX_WORD],
  [CLUSTER.keepaliveTime, 0, MAX_WORD],
  [CLUSTER.keepaliveInterval, 0, MAX_WORD],
  [CLUSTER.hasOutlier, 0, 1],
  [CLUSTER.outlierErrors, 0, MAX_WORD],
  [CLUSTER.outlierInterval + 1, 0, MAX_HIGH_WORD],
  [CLUSTER.outlierBaseEjection + 1, 0, MAX_HIGH_WORD],
  [CLUSTER.outlierMaxPercent, 0, 100],
  [CLUSTER.outlierMinHealth, 0, 100],
  [CLUSTER.gone, 0, 1],
];

function checkSpans(table: RouteTable): string | undefined {
  const spans: readonly (readonly [Spans, number])[] = [
    [
      { section: 'chains', words: table.chains, stride: CHAIN.stride, field: CHAIN.ruleStart },
      table.rules.length / RULE.stride,
    ],
    [
      { section: 'chains', words: table.chains, stride: CHAIN.stride, field: CHAIN.orderedStart },
      table.orderedRules.length,
    ],
    [
      { section: 'rules', words: table.rules, stride: RULE.stride, field: RULE.destinationStart },
      table.destinations.length / DESTINATION.stride,
    ],
    [
      { section: 'policies', words: table.policies, stride: POLICY.stride, field: POLICY.ruleStart },
      table.policyRules.length / POLICY_RULE.stride,
    ],
    [
      {
        section: 'clusterMembers',
        words: table.clusterMembers,
        stride: CLUSTER_MEMBERS.stride,
        field: CLUSTER_MEMBERS.start,
      },
      table.members.length / MEMBER.stride,
    ],
  ];
  for (const [span, total] of spans) {
    const end = followOn(span, 0, total);
    if (end !== total) return typeof end === 'string' ? end : `${span.section} word ${span.field}: ${end} of ${total}`;
  }
  if (table.clusterMembers.length / CLUSTER_MEMBERS.stride !== table.clusters.length / CLUSTER.stride)
    return 'clusterMembers';
  const conditions = table.conditions.length / CONDITION.stride;
  const ofRules = followOn(
    { section: 'rules', words: table.rules, stride: RULE.stride, field: RULE.conditionStart },
    0,
    conditions,
  );
  if (typeof ofRules === 'string') return ofRules;
  const ofPolicies = followOn(
    { section: 'policyRules', words: table.policyRules, stride: POLICY_RULE.stride, field: POLICY_RULE.conditionStart },
    ofRules,
    conditions,
  );
  return ofPolicies === conditions ? undefined : `policyRules: ${ofPolicies} of ${conditions} conditions`;
}

/** Lists are shared among conditions, so they are checked by counts and not word by word for each. */
function checkLists(table: RouteTable): string | undefined {
  const { listeners, chains, conditions, lists } = table;
  const texts = strayCounts(lists, table.stringEnds.length);
  const ports = strayCounts(lists, MAX_PORT + 1);
  const policies = strayCounts(lists, table.policies.length / POLICY.stride);
  for (let at = 0; at < listeners.length; at += LISTENER.stride) {
    const isSound =
      isSoundSpan(texts, listeners[at + LISTENER.gatewaysStart], listeners[at + LISTENER.gatewaysCount]) &&
      isSoundSpan(policies, listeners[at + LISTENER.policiesStart], listeners[at + LISTENER.policiesCount]);
    if (!isSound) return `listeners[${at / LISTENER.stride}] lists`;
  }
  for (let at = 0; at < chains.length; at += CHAIN.stride) {
    if (!isSoundSpan(texts, chains[at + CHAIN.namesStart], chains[at + CHAIN.namesCount]))
      return `chains[${at / CHAIN.stride}] names`;
  }
  for (let at = 0; at < conditions.length; at += CONDITION.stride) {
    const strays = conditions[at + CONDITION.kind] === KIND_PORT ? ports : texts;
    if (!isSoundSpan(strays, conditions[at + CONDITION.listStart], conditions[at + CONDITION.listCount])) {
      return `conditions[${at / CONDITION.stride}] list`;
    }
  }
  return undefined;
}

function checkChains({ chains, orderedRules }: RouteTable): string | undefined {
  for (let at = 0; at < chains.length; at += CHAIN.stride) {
    const first = chains[at + CHAIN.ruleStart];
    const end = first + chains[at + CHAIN.ruleCount];
    const isOwn = (rule: number) => rule >= first && rule < end;
    const unconditional = chains[at + CHAIN.unconditional];
    const indexed = chains[at + CHAIN.indexed];
    const ordered = orderedRules.subarray(
      chains[at + CHAIN.orderedStart],
      chains[at + CHAIN.orderedStart] + chains[at + CHAIN.orderedCount],
    );
    const isSound =
      (unconditional === NO_VALUE || isOwn(unconditional)) &&
      (indexed === 0 || (indexed > 0 && indexed < 1 << (KIND_PORT + 1) && end > first)) &&
      ordered.every(isOwn);
    if (!isSound) return `chains[${at / CHAIN.stride}] rules`;
  }
  return undefined;
}
