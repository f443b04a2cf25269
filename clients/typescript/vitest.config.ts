import { defineConfig } from 'vitest/config';
// @ts-ignore: a build script, without types
import { withClosures } from './scripts/closures.mjs';

// `--mode closures`: the classes as the build rewrites them, held to the same tests.
export default defineConfig(({ mode }) => ({
  plugins: mode === 'closures' ? [{
    name: 'closures',
    enforce: 'pre' as const,
    transform: (code: string, path: string) => (/\/typescript\/src\/\w+\.ts$/.test(path) ? withClosures(code, path) : undefined),
  }] : [],
  test: { include: ['test/**/*.test.ts'], testTimeout: 20_000, pool: 'threads', poolOptions: { threads: { maxThreads: 2 } } },
}));
