// Tests that cannot run here are skipped by name and with the reason, where whoever runs them sees it.
interface Suite {
  skip(name: string, run: () => void): void;
}

export function skip(test: Suite, name: string, reason: string): void {
  process.stdout.write(`skipped: ${name} (${reason})\n`);
  test.skip(name, () => {});
}
