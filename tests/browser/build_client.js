// Builds the client's bundle, which the pages of these tests load.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const client = fileURLToPath(new URL("../../clients/typescript/", import.meta.url));
for (const folder of [client, fileURLToPath(new URL("../integration/", import.meta.url))]) {
  if (existsSync(`${folder}node_modules`)) continue;
  console.log(`npm ci in ${folder}`);
  execFileSync("npm", ["--prefix", folder, "ci", "--no-audit", "--no-fund"], { stdio: "inherit" });
}
execFileSync(process.execPath, [`${client}scripts/build.mjs`], { stdio: "inherit" });
