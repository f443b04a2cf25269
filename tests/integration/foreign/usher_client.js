// usher-client from its sources, bundled in memory: no build step before it.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const package_json = new URL("../../../clients/typescript/package.json", import.meta.url);

/** `entry`: src/socket.ts is usher-client/socket. */
export async function loadClient(entry = "src/index.ts") {
  const { build } = createRequire(package_json)("esbuild");
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, package_json))],
    bundle: true, write: false, platform: "neutral", format: "esm", target: "node20", logLevel: "error",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
