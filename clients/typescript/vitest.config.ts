import { defineConfig } from 'vitest/config';
// @ts-ignore: a build script, without types
import { withClosures } from './scripts/closures.mjs';

// In `make test` each run leaves a report (scripts/phases.sh).
const reports = process.env.USHER_REPORTS;
const reporters = reports ? ['default', ['junit', { outputFile: `${reports}/vitest-${process.pid}.xml` }]] : ['default'];

// `--mode closures`: the classes as the build rewrites them, held to the same tests.
export default defineConfig(({ mode }) => ({
  plugins: mode === 'closures' ? [{
    name: 'closures',
    enforce: 'pre' as const,
    transform: (code: string, path: string) => (/\/typescript\/src\/\w+\.ts$/.test(path) ? withClosures(code, path) : undefined),
  }] : [],
  test: {
    include: ['test/**/*.test.ts'],
    reporters,
    testTimeout: 20_000,
    pool: 'threads',
    poolOptions: { threads: { maxThreads: 2 } },
  },
}));
