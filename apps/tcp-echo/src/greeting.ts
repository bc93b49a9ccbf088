// What an echo says first: where the client has landed. Pure.

const lines: readonly (readonly [variable: string, say: (value: string) => string])[] = [
  ['NODE_NAME', (name) => `Welcome, you are connected to node ${name}.`],
  ['POD_NAME', (name) => `Running on Pod ${name}.`],
  ['POD_NAMESPACE', (name) => `In namespace ${name}.`],
  ['POD_IP', (address) => `With IP address ${address}.`],
  ['SERVICE_ACCOUNT', (name) => `Service ${name}.`],
];

/** The lines whose variables are set and not empty, each ended by a line feed; '' where none is. */
export function greeting(variables: Readonly<Record<string, string | undefined>>): string {
  return lines
    .map(([variable, say]) => {
      const value = variables[variable];
      return value ? `${say(value)}\n` : '';
    })
    .join('');
}
