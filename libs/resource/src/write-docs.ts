// Writes docs/issues.md. Run by hand after a change of the codes; a test tells when it is due.
import { writeFileSync } from 'node:fs';
import { issuesDoc } from './issues-doc.ts';

writeFileSync(new URL('../../../docs/issues.md', import.meta.url), issuesDoc());
