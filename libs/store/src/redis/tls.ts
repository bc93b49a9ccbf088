// TLS to a store: whom to trust and how to show who we are. Reads the files again when they change, so that a certificate
// that is renewed while the process runs is used by the next connection.
import { readFileSync, statSync } from 'node:fs';
import { type ConnectionOptions, createSecureContext, type SecureContext } from 'node:tls';
import { type StoreFault, storeFault } from '../store-fault.ts';

/** What a store's URL may say; the variables below say the same, and the URL goes first. */
export const TLS_PARAMETERS = ['ca', 'cert', 'key', 'servername'] as const;

const VARIABLES = {
  ca: 'SLUICE_STORE_CA',
  cert: 'SLUICE_STORE_CERT',
  key: 'SLUICE_STORE_KEY',
  servername: 'SLUICE_STORE_SERVER_NAME',
} as const;

type Files = Readonly<Partial<Record<'ca' | 'cert' | 'key', string>>>;

/**
 * Options of node:tls. Without `ca` the system's authorities count; without `servername` the host that is connected to must
 * stand in the certificate. Fails with `certificate` where a file cannot be read or used.
 */
export function readTls(
  parameters: URLSearchParams,
  environment: Readonly<Record<string, string | undefined>>,
): ConnectionOptions | StoreFault {
  const given = (name: keyof typeof VARIABLES) => parameters.get(name) || environment[VARIABLES[name]]?.trim() || '';
  const [ca, cert, key, servername] = [given('ca'), given('cert'), given('key'), given('servername')];
  if ((cert === '') !== (key === ''))
    return storeFault(
      'certificate',
      `a client certificate needs both cert and key, and ${cert ? 'key' : 'cert'} is not given`,
    );
  const files: Files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  try {
    const context = freshContext(files);
    return {
      // A getter: ioredis copies these options for each connection.
      get secureContext() {
        return context();
      },
      ...(servername && { servername }),
    };
  } catch (error) {
    return storeFault('certificate', error instanceof Error ? error.message : String(error));
  }
}

/** The context of the files as they are now. While they are half replaced, or gone, the last one that was whole. */
function freshContext(files: Files): () => SecureContext {
  let stamp = stampOf(files);
  let context = load(files);
  return () => {
    try {
      const now = stampOf(files);
      if (now !== stamp) {
        context = load(files);
        stamp = now;
      }
    } catch {
      return context;
    }
    return context;
  };
}

function stampOf(files: Files): string {
  return Object.values(files)
    .map((path) => statSync(path))
    .map(({ mtimeMs, ino, size }) => `${mtimeMs} ${ino} ${size}`)
    .join();
}

function load(files: Files): SecureContext {
  const contents: Record<string, Buffer> = {};
  for (const [name, path] of Object.entries(files)) {
    contents[name] = readFileSync(path);
    if (!contents[name].includes('-----BEGIN ')) throw new Error(`${name} ${path} is not in PEM form`);
  }
  try {
    return createSecureContext(contents);
  } catch (error) {
    const paths = Object.entries(files).map((each) => each.join(' '));
    throw new Error(`${paths.join(', ')}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
