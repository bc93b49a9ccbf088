// The acceptors' reports in a SQLite file; all processes share one machine's clock.
import type { AcceptorReport } from '@sluice/version';
import { ageSince, FORGET_AFTER_MS, parseReport } from '../report.ts';
import type { Reports } from '../store.ts';
import type { SqliteFile } from './file.ts';

export function sqliteReports(file: SqliteFile): Reports {
  return {
    async put(report: AcceptorReport) {
      const nowMs = Date.now();
      file.change((database) => {
        const put = 'INSERT OR REPLACE INTO reports (id, report, at_ms) VALUES (?, ?, ?)';
        database.prepare(put).run(report.id, JSON.stringify(report), nowMs);
        database.prepare('DELETE FROM reports WHERE at_ms < ?').run(nowMs - FORGET_AFTER_MS);
      });
    },
    async list() {
      const nowMs = Date.now();
      const rows = file.use((database) => database.prepare('SELECT report, at_ms FROM reports ORDER BY id').all());
      return rows.flatMap((row) => {
        const report = parseReport(String(row.report));
        return report === undefined ? [] : [{ ...report, ageMs: ageSince(Number(row.at_ms), nowMs) }];
      });
    },
    async check() {
      // Writes a page that stays as it is.
      file.change((database) => database.exec('UPDATE head SET version = version'));
    },
    async remove(id) {
      file.change((database) => database.prepare('DELETE FROM reports WHERE id = ?').run(id));
    },
  };
}
