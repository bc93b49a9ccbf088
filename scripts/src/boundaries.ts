// The layers as a check: who may import whom, and which packages the pure core may use. Prints nothing; returns complaints.
import { type Layer, type Project, readProjects } from './root.ts';
import { type Import, importsOf, projectFiles, readSource } from './sources.ts';

const allowed: Readonly<Record<Layer, readonly Layer[]>> = {
  core: ['core'],
  engine: ['engine', 'core'],
  store: ['store', 'core'],
  app: ['app', 'engine', 'store', 'core'],
  test: ['test', 'app', 'engine', 'store', 'core'],
};

/** Pure packages, and Node modules that are functions of their arguments; the reason of each is in ARCHITECTURE.md. */
const corePackages = ['zod', 'yaml', 'ipaddr.js', 'pino', 'node:crypto'];

/** Programs and tests within a core library may read files and sockets: they are not part of what it exports. */
const outsideCore =
  /(\.test|\.test-kit|-oracle|-case|-arbitrary|-build)\.ts$|\/(fuzz|bench|write-[a-z-]+|fuzz-[a-z-]+|bench-[a-z-]+)\.ts$|\/conformance\//;

export function checkBoundaries(): string[] {
  const projects = readProjects();
  const byName = new Map(projects.map((project) => [project.name, project]));
  return projects.flatMap((project) =>
    projectFiles(`${project.folder}/*.ts`).flatMap((path) => {
      const isTestFile = outsideCore.test(path);
      return importsOf(readSource(path)).flatMap((each) => {
        const complaint = complaintAbout(project, byName, each, isTestFile);
        return complaint === null ? [] : [`${path}:${each.line}: ${complaint}`];
      });
    }),
  );
}

function complaintAbout(
  project: Project,
  byName: ReadonlyMap<string, Project>,
  { specifier }: Import,
  isTestFile: boolean,
): string | null {
  if (specifier.startsWith('.')) {
    return specifier.endsWith('.ts') || specifier.endsWith('.json') ? null : `import ${specifier} without its ending`;
  }
  if (specifier.startsWith('node:')) return checkCorePackage(project, specifier, isTestFile);
  const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0];
  const target = byName.get(name);
  if (isTestFile && (target === undefined || target.name === project.name)) return null;
  if (target?.name === project.name) return 'imports itself by name: use a relative path';
  if (!isTestFile && !project.dependencies.includes(name))
    return `${name} is not among the dependencies of ${project.name}`;
  if (target === undefined) return checkCorePackage(project, name, isTestFile);
  if (target.layer === 'app') return `nothing imports an app, and ${name} is one`;
  if (isTestFile || allowed[project.layer].includes(target.layer)) return null;
  return `layer ${project.layer} must not import layer ${target.layer} (${name})`;
}

function checkCorePackage(project: Project, name: string, isTestFile: boolean): string | null {
  if (project.layer !== 'core' || isTestFile || corePackages.includes(name)) return null;
  return `layer core is pure and must not import ${name}`;
}
