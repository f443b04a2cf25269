import { defineConfig } from 'vitest/config';

// In `make test` each run leaves a report (scripts/phases.sh).
const reports = process.env.USHER_REPORTS;
const reporters = reports ? ['default', ['junit', { outputFile: `${reports}/vitest-${process.pid}.xml` }]] : ['default'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters,
    testTimeout: 20_000,
    pool: 'threads',
    poolOptions: { threads: { maxThreads: 2 } },
  },
});
